// The inner loops of block matching, in WebAssembly with vectors of 16 bytes: eight to ten times what the same loops cost in JavaScript (0.03 us for a block of 16 x 16 pixels).
// Three small functions, put together here from their instructions; motion.test.ts holds them to plain loops.
//   halve(from, to, widthPx, heightPx)          a picture of half the size: widthPx and heightPx are those of `to`
//   costs8(block, others, stride, across, down, out)   sums of absolute differences of the 8 x 8 block with those at others + x + y * stride, to out as i32, row by row
//   costs16(...)                                 the same for 16 x 16

/** What we use of the engine; its types come with the DOM, which a worker does not have. */
declare namespace WebAssembly {
  class Module { constructor(bytes: Uint8Array<ArrayBuffer>); }
  class Memory { constructor(size: { initial: number }); readonly buffer: ArrayBuffer; }
  // oxlint-disable-next-line no-unused-vars -- it is used below; the lint does not look into declared namespaces
  class Instance { constructor(module: Module, imports: Record<string, Record<string, Memory>>); readonly exports: unknown; }
}

export type MotionKernel = {
  /** What the addresses below are bytes of. */
  memory: ArrayBuffer;
  halve(from: number, to: number, widthPx: number, heightPx: number): void;
  costs8(block: number, others: number, stride: number, across: number, down: number, out: number): void;
  costs16(block: number, others: number, stride: number, across: number, down: number, out: number): void;
};

export function motionKernel(bytes: number): MotionKernel {
  compiled ??= new WebAssembly.Module(moduleBytes());
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  return { memory: memory.buffer, ...new WebAssembly.Instance(compiled, { on: { memory } }).exports as Omit<MotionKernel, 'memory'> };
}
const PAGE_BYTES = 65_536;
let compiled: WebAssembly.Module | null = null;

// Numbers of the WebAssembly core specification 2.0, chapter 5 (binary format).
const I32 = 0x7f, V128 = 0x7b, EMPTY = 0x40;
type Code = number[];
const unsigned = (value: number): Code => { const bytes: Code = []; do { bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0)); value >>>= 7; } while (value > 0); return bytes; };
const simd = (op: number, ...rest: number[]): Code => [0xfd, ...unsigned(op), ...rest];
const get = (local: number): Code => [0x20, local], set = (local: number): Code => [0x21, local], tee = (local: number): Code => [0x22, local];
/** From 0 to 63. */
const number = (value: number): Code => [0x41, value];
const add: Code = [0x6a], end: Code = [0x0b];
/** Do: the body, then again while what it leaves is not 0. */
const again = (...body: Code[]): Code => [0x03, EMPTY, ...body.flat(), 0x0d, 0, ...end];
const load16: Code = simd(0, 0, 0), load8: Code = simd(93, 0, 0), load8High: Code = simd(87, 0, 0, 1), store8: Code = simd(91, 0, 0, 0), storeI32: Code = [0x36, 2, 0];
const nothing: Code = simd(12, ...new Array<number>(16).fill(0));
const subSaturated: Code = simd(115), or: Code = simd(80), pairSums16: Code = simd(125), pairSums32: Code = simd(127), add16: Code = simd(142);
const average8: Code = simd(123), shiftRight16: Code = simd(141), splat16: Code = simd(16), narrow: Code = simd(102), lane32 = (lane: number): Code => simd(27, lane);
const plus = (local: number, by: Code): Code => [...get(local), ...by, ...add, ...set(local)];

/** |a - b| of 16 bytes, added to the eight sums in `sums`. */
const addDifference = (a: number, b: number, sums: number): Code => [get(a), get(b), subSaturated, get(b), get(a), subSaturated, or, pairSums16, get(sums), add16, set(sums)].flat();
/** The eight sums as one number, stored at `out`. */
const storeSum = (sums: number, spare: number, out: number): Code => [get(sums), pairSums32, set(spare), get(out), get(spare), lane32(0), get(spare), lane32(1), add, get(spare), lane32(2), add, get(spare), lane32(3), add, storeI32, plus(out, number(4))].flat();

function halveCode(): Code {
  const [from, to, width, height, x, y, v] = [0, 1, 2, 3, 4, 5, 6] as const;
  const stride: Code = [...get(width), ...number(1), 0x74]; // width << 1; an odd last column of `from` is passed over by the caller's stride
  return [
    number(0), set(y),
    again(
      number(0), set(x),
      again(
        // Two rows of 16 become their means, then neighbours do.
        get(to), get(x), add,
        get(from), get(x), number(1), [0x74], add, load16,
        get(from), get(x), number(1), [0x74], add, stride, add, load16,
        average8, pairSums16, number(1), splat16, add16, number(1), shiftRight16, tee(v), get(v), narrow, store8,
        plus(x, number(8)), get(x), get(width), [0x49],
      ),
      plus(from, [...stride, ...number(1), 0x74]), plus(to, get(width)),
      plus(y, number(1)), get(y), get(height), [0x49],
    ),
  ].flat();
}

function costs8Code(): Code {
  const [block, others, stride, across, down, out, x, y, p] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const, rows = [9, 10, 11, 12], b = 13, sums = 14;
  const twoRows = (at: number): Code => [get(at), load8, set(b), get(at), get(stride), add, get(b), load8High, set(b), plus(at, [...get(stride), ...get(stride), ...add])].flat();
  return [
    get(block), set(p), ...rows.map((row) => [...twoRows(p), ...get(b), ...set(row)]),
    number(0), set(y),
    again(
      number(0), set(x),
      again(
        get(others), get(x), add, set(p), nothing, set(sums),
        ...rows.map((row) => [...twoRows(p), ...addDifference(row, b, sums)]),
        storeSum(sums, b, out),
        plus(x, number(1)), get(x), get(across), [0x49],
      ),
      plus(others, get(stride)), plus(y, number(1)), get(y), get(down), [0x49],
    ),
  ].flat();
}

function costs16Code(): Code {
  const [block, others, stride, across, down, out, x, y, p, q, a, b, sums] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const;
  const oneRow: Code = [get(q), load16, set(a), get(p), load16, set(b), addDifference(a, b, sums), plus(q, get(stride)), plus(p, get(stride))].flat();
  return [
    number(0), set(y),
    again(
      number(0), set(x),
      again(
        get(others), get(x), add, set(p), get(block), set(q), nothing, set(sums),
        ...Array.from({ length: 16 }, () => oneRow),
        storeSum(sums, b, out),
        plus(x, number(1)), get(x), get(across), [0x49],
      ),
      plus(others, get(stride)), plus(y, number(1)), get(y), get(down), [0x49],
    ),
  ].flat();
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const name = (text: string): Code => [text.length, ...new TextEncoder().encode(text)];
  const section = (id: number, items: Code[]): Code => { const body = [...unsigned(items.length), ...items.flat()]; return [id, ...unsigned(body.length), ...body]; };
  const type = (parameters: number): Code => [0x60, parameters, ...new Array<number>(parameters).fill(I32), 0];
  const body = (i32s: number, v128s: number, code: Code): Code => { const all = [2, i32s, I32, v128s, V128, ...code, ...end]; return [...unsigned(all.length), ...all]; };
  return Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [type(4), type(6)]),
    ...section(2, [[...name('on'), ...name('memory'), 2, 0, 1]]),
    ...section(3, [[0], [1], [1]]),
    ...section(7, [[...name('halve'), 0, 0], [...name('costs8'), 0, 1], [...name('costs16'), 0, 2]]),
    ...section(10, [body(2, 1, halveCode()), body(3, 6, costs8Code()), body(4, 3, costs16Code())]),
  ]);
}
