// Small nets made by hand, to see what the detector does with weights that misbehave: mean grey of each square of the picture, times `times`. Written as ONNX, as much of its protobuf as that needs.

export type SmallNet = { strideInPx?: number; times?: number; answerType?: 'float' | 'double'; spreadTimes?: number; inputType?: 'uint8' | 'float32'; fixedSidePx?: number };

/** Input `rgb`, N x H x W x 3; output `people`, N x H/stride x W/stride, and `spread` where asked for. */
export function smallNet({ strideInPx = 8, times = 1 / 25_500, answerType = 'float', spreadTimes, inputType = 'uint8', fixedSidePx }: SmallNet = {}): Buffer {
  const planes = [['people', times], ...(spreadTimes === undefined ? [] : [['spread', spreadTimes]])] as [string, number][];
  const nodes = [
    node('Cast', ['rgb'], ['floats'], [int('to', FLOAT)]), node('Transpose', ['floats'], ['planes'], [ints('perm', [0, 3, 1, 2])]),
    node('AveragePool', ['planes'], ['squares'], [ints('kernel_shape', [strideInPx, strideInPx]), ints('strides', [strideInPx, strideInPx])]), node('ReduceMean', ['squares'], ['grey'], [ints('axes', [1]), int('keepdims', 0)]),
    ...planes.flatMap(([name]) => [node('Mul', ['grey', `${name}.times`], [`${name}.value`]), node('Cast', [`${name}.value`], [name], [int('to', answerType === 'double' ? DOUBLE : FLOAT)])]),
  ];
  const side = (name: string) => (fixedSidePx === undefined ? field(2, name) : number(1, fixedSidePx));
  const value = (name: string, type: number, dims: Buffer[]) => Buffer.concat([field(1, name), field(2, field(1, Buffer.concat([number(1, type), field(2, Buffer.concat(dims.map((dim) => field(1, dim))))])))]);
  const graph = Buffer.concat([
    ...nodes.map((one) => field(1, one)), field(2, 'small'),
    ...planes.map(([name, by]) => field(5, Buffer.concat([number(2, FLOAT), field(8, `${name}.times`), field(9, Buffer.from(Float32Array.of(by).buffer))]))),
    field(11, value('rgb', inputType === 'uint8' ? UINT8 : FLOAT, [number(1, 1), side('h'), side('w'), number(1, 3)])),
    ...planes.map(([name]) => field(12, value(name, answerType === 'double' ? DOUBLE : FLOAT, [number(1, 1), field(2, 'rows'), field(2, 'columns')]))),
  ]);
  return Buffer.concat([number(1, 8), field(7, graph), field(8, Buffer.concat([field(1, ''), number(2, 13)]))]);
}

const FLOAT = 1, UINT8 = 2, DOUBLE = 11;
function varint(value: number): Buffer { const out: number[] = []; do { const low = value % 128; value = Math.floor(value / 128); out.push(value > 0 ? low + 128 : low); } while (value > 0); return Buffer.from(out); }
const number = (at: number, value: number) => Buffer.concat([varint(at * 8), varint(value)]);
const field = (at: number, value: Buffer | string) => { const bytes = Buffer.from(value as string); return Buffer.concat([varint(at * 8 + 2), varint(bytes.length), bytes]); };
const int = (name: string, value: number) => Buffer.concat([field(1, name), number(3, value), number(20, 2)]);
const ints = (name: string, values: number[]) => Buffer.concat([field(1, name), ...values.map((value) => number(8, value)), number(20, 7)]);
const node = (op: string, inputs: string[], outputs: string[], attributes: Buffer[] = []) => Buffer.concat([...inputs.map((name) => field(1, name)), ...outputs.map((name) => field(2, name)), field(4, op), ...attributes.map((one) => field(5, one))]);
