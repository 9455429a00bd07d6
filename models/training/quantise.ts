// Makes the 8-bit weights out of the fp32 ones: `node models/training/quantise.ts FROM.onnx TO.onnx PICTURES...`. QDQ form (QuantizeLinear / DequantizeLinear pairs that
// onnxruntime folds into integer kernels), activations per tensor with the range of least squared error over the pictures, weights per output channel in 7 bits
// (so that processors without VNNI, whose 8-bit products saturate, count the same). What follows the last residual sum (1 x 1) stays fp32: it decides how many people a cell holds, and their spread.
// The input is the uint8 picture itself, with scale 1 and zero point 0, or, where the graph begins with (x - 118) / 60, with scale 1/60 and zero point 118; and the first convolution (3 x 3, stride 2, on 3 channels: a third of all
// time, since the kernel gathers 3 bytes at a time) the same sums as 3 x 2 on pairs of pixels. Reads and writes the few parts of ONNX's protobuf that it needs.
import '../../worker/detectors/noTelemetry.ts';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import ort from 'onnxruntime-node';
import { Codec, CodecContext, FormatContext, Frame, Packet } from 'node-av/lib';
import { analysisScaler } from '../../worker/mediaHost/pictures.ts';

type Node = { inputs: string[]; outputs: string[]; op: string; bytes: Buffer };
type Tensor = { name: string; dims: number[]; floats: Float32Array; bytes: Buffer };
type Range = { least: number; most: number };

// --- protobuf, as much of it as is needed
function* fieldsOf(bytes: Buffer): Generator<[number, number | Buffer]> {
  let at = 0;
  const varint = () => { let value = 0, factor = 1; for (;;) { const byte = bytes[at++]!; value += (byte & 127) * factor; if (byte < 128) return value; factor *= 128; } };
  while (at < bytes.length) {
    const tag = varint(), field = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0: yield [field, varint()]; break;
      case 1: yield [field, bytes.subarray(at, at += 8)]; break;
      case 2: { const length = varint(); yield [field, bytes.subarray(at, at += length)]; break; }
      case 5: yield [field, bytes.subarray(at, at += 4)]; break;
      default: throw new Error(`wire type ${tag % 8}`);
    }
  }
}
function varintOf(value: number): Buffer { const out: number[] = []; do { const low = value % 128; value = Math.floor(value / 128); out.push(value > 0 ? low + 128 : low); } while (value > 0); return Buffer.from(out); }
const number = (field: number, value: number) => Buffer.concat([varintOf(field * 8), varintOf(value)]);
const chunk = (field: number, value: Buffer | string) => { const bytes = Buffer.from(value as string); return Buffer.concat([varintOf(field * 8 + 2), varintOf(bytes.length), bytes]); };
const nodeBytes = (op: string, inputs: string[], outputs: string[], attributes: Buffer[] = []) => Buffer.concat([...inputs.map((name) => chunk(1, name)), ...outputs.map((name) => chunk(2, name)), chunk(3, outputs[0]!), chunk(4, op), ...attributes.map((one) => chunk(5, one))]);
const attribute = { ints: (name: string, values: number[]) => Buffer.concat([chunk(1, name), ...values.map((value) => number(8, value)), number(20, 7)]) };
const axis = (value: number) => Buffer.concat([chunk(1, 'axis'), number(3, value), number(20, 2)]);
const FLOAT = 1, UINT8 = 2, INT8 = 3, INT32 = 6, INT64 = 7;
const tensorBytes = (name: string, dims: number[], type: number, raw: NodeJS.ArrayBufferView) => Buffer.concat([...dims.map((dim) => number(1, dim)), number(2, type), chunk(8, name), chunk(9, Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength))]);

function parsed(model: Buffer) {
  const head: Buffer[] = [], rest: Buffer[] = [], nodes: Node[] = [], tensors = new Map<string, Tensor>(), outputs: Buffer[] = [];
  const text = (value: number | Buffer) => (value as Buffer).toString();
  for (const [field, value] of fieldsOf(model)) {
    if (field !== 7) { head.push(typeof value === 'number' ? number(field, value) : chunk(field, value)); continue; }
    for (const [part, bytes] of fieldsOf(value as Buffer)) {
      if (part === 1) {
        const node: Node = { inputs: [], outputs: [], op: '', bytes: bytes as Buffer };
        for (const [name, one] of fieldsOf(node.bytes)) { if (name === 1) node.inputs.push(text(one)); if (name === 2) node.outputs.push(text(one)); if (name === 4) node.op = text(one); }
        nodes.push(node);
      } else if (part === 5) {
        const tensor: Tensor = { name: '', dims: [], floats: new Float32Array(), bytes: bytes as Buffer };
        for (const [name, one] of fieldsOf(tensor.bytes)) {
          if (name === 1) { if (typeof one === 'number') tensor.dims.push(one); else for (let at = 0; at < one.length; at++) tensor.dims.push(one[at]!); }
          if (name === 8) tensor.name = text(one);
          if (name === 9) tensor.floats = new Float32Array(new Uint8Array(one as Buffer).buffer);
        }
        tensors.set(tensor.name, tensor);
      } else if (part === 12) outputs.push(bytes as Buffer);
      else rest.push(typeof bytes === 'number' ? number(part, bytes) : chunk(part, bytes));
    }
  }
  return { head, rest, nodes, tensors, outputs };
}
const written = (head: Buffer[], graph: Buffer[]) => Buffer.concat([...head, chunk(7, Buffer.concat(graph))]);

// --- which tensors become 8-bit
function plan(nodes: Node[]) {
  const users = new Map<string, Node[]>();
  for (const node of nodes) for (const input of node.inputs) users.set(input, [...users.get(input) ?? [], node]);
  const onlyRelu = (name: string) => (users.get(name) ?? []).every((user) => user.op === 'Relu');
  // From each output back to the last residual sum: the tensors that stay fp32.
  const makerOf = new Map(nodes.map((node) => [node.outputs[0]!, node])), exact = new Set<string>();
  const walkBack = (name: string) => {
    const node = makerOf.get(name);
    if (node === undefined || exact.has(name) || (node.op === 'Relu' && makerOf.get(node.inputs[0]!)?.op === 'Add')) return;
    exact.add(name);
    node.inputs.forEach(walkBack);
  };
  for (const node of nodes) if (node.op === 'Softplus') walkBack(node.inputs[0]!);
  const quantised = new Set<string>();
  for (const { op, outputs: [name] } of nodes) if (['Relu', 'Conv', 'Add', 'Resize'].includes(op) && !exact.has(name!) && !onlyRelu(name!)) quantised.add(name!);
  return { quantised, exact };
}

// --- the range of each tensor over the pictures
async function rangesOf(model: Buffer, names: string[], pictures: { rgb: Buffer; widthPx: number; heightPx: number }[]): Promise<Map<string, Range>> {
  const { head, rest, nodes, tensors, outputs } = parsed(model);
  // A type without a shape: float, whatever its size.
  const shown = names.map((name) => Buffer.concat([chunk(1, name), chunk(2, chunk(1, number(1, FLOAT)))]));
  const watched = written(head, [...nodes.map((node) => chunk(1, node.bytes)), ...rest, ...[...tensors.values()].map((tensor) => chunk(5, tensor.bytes)), ...[...outputs, ...shown].map((output) => chunk(12, output))]);
  const session = await ort.InferenceSession.create(watched, { intraOpNumThreads: 2 });
  const BINS = 2048, bounds = new Map<string, Range>(), histograms = new Map(names.map((name) => [name, new Float64Array(BINS)]));
  for (const pass of ['bounds', 'histogram'] as const) {
    for (const { rgb, widthPx, heightPx } of pictures) {
      const run = await session.run({ rgb: new ort.Tensor('uint8', rgb, [1, heightPx, widthPx, 3]) }, names);
      for (const name of names) {
        const values = run[name]!.data as Float32Array;
        if (pass === 'bounds') {
          const range = bounds.get(name) ?? { least: 0, most: 0 };
          for (let at = 0; at < values.length; at += 3) { const value = values[at]!; if (value < range.least) range.least = value; if (value > range.most) range.most = value; }
          bounds.set(name, range);
        } else {
          const { least, most } = bounds.get(name)!, histogram = histograms.get(name)!, perUnit = (BINS - 1) / (most - least);
          for (let at = 0; at < values.length; at += 3) { const bin = Math.round((values[at]! - least) * perUnit); if (bin >= 0 && bin < BINS) histogram[bin]!++; }
        }
      }
    }
  }
  await session.release();
  return new Map(names.map((name) => {
    const { least, most } = bounds.get(name)!, histogram = histograms.get(name)!, width = (most - least) / (BINS - 1);
    let best: Range = { least, most }, bestError = Infinity;
    for (let share = 0.3; share <= 1.0001; share += 0.02) {
      const range = { least: least * share, most: most * share }, step = (range.most - range.least) / 255;
      let error = 0;
      for (let bin = 0; bin < BINS; bin++) {
        if (histogram[bin] === 0) continue;
        const value = least + bin * width, beyond = value > range.most ? value - range.most : value < range.least ? range.least - value : 0;
        error += histogram[bin]! * (beyond > 0 ? beyond * beyond : step * step / 12);
      }
      if (error < bestError) { bestError = error; best = range; }
    }
    return [name, best];
  }));
}

/** The model in QDQ form. */
function quantised(model: Buffer, ranges: Map<string, Range>): Buffer {
  const { head, rest, nodes, tensors, outputs } = parsed(model);
  const { quantised: names, exact } = plan(nodes);
  const made: Buffer[] = [], kept = new Map(tensors), extra: Buffer[] = [], scales = new Map<string, { scale: number; zero: number }>();
  const transposed = nodes.find((node) => node.op === 'Transpose')!.outputs[0]!;
  const opening = ['Cast', 'Sub', 'Div'].flatMap((op) => nodes.find((node) => node.op === op)?.outputs[0] ?? []);
  const normalised = opening.at(-1)!, [inputScale, inputZero] = opening.length > 1 ? [1 / 60, 118] : [1, 0];
  const constant = (name: string, dims: number[], type: number, values: NodeJS.ArrayBufferView) => { extra.push(tensorBytes(name, dims, type, values)); return name; };
  const resizeOf = new Map(nodes.filter((node) => node.op === 'Resize').map((node) => [node.outputs[0]!, node.inputs[0]!]));
  const paramsOf = (name: string) => {
    const { least, most } = ranges.get(resizeOf.get(name) ?? name)!;
    const scale = Math.max(1e-8, (most - least) / 255);
    return { scale, zero: Math.max(0, Math.min(255, Math.round(-least / scale))) };
  };
  // The picture is 8-bit already.
  scales.set(normalised, { scale: inputScale, zero: inputZero });
  const first = nodes.find((node) => node.op === 'Conv' && node.inputs[0] === normalised)!;
  const dropped = new Set(opening);
  for (const node of nodes) {
    const name = node.outputs[0]!;
    if (dropped.has(name)) {
      if (node.op === 'Cast') {
        // [1, H, W, 3] -> [1, 6, H, W/2]: two pixels side by side are one with six channels. The bytes stay where they are.
        made.push(nodeBytes('Reshape', ['rgb', constant('pairs.shape', [4], INT64, BigInt64Array.of(0n, 0n, -1n, 6n))], ['pairs']));
        made.push(nodeBytes('Transpose', ['pairs'], [transposed], [attribute.ints('perm', [0, 3, 1, 2])]));
      }
      if (name === normalised) made.push(nodeBytes('DequantizeLinear', [transposed, constant(`${name}.s`, [], FLOAT, Float32Array.of(inputScale)), constant(`${name}.z`, [], UINT8, Uint8Array.of(inputZero))], [`${name}.dq`]));
      continue;
    }
    if (node.op === 'Transpose') continue;
    const inputs = node.inputs.map((input) => (!scales.has(input) ? input : node.op === 'Shape' ? `${input}.q` : `${input}.dq`));
    if (node.op === 'Conv' && !exact.has(name)) {
      const weights = node === first ? inPairs(tensors.get(node.inputs[1]!)!) : tensors.get(node.inputs[1]!)!, bias = tensors.get(node.inputs[2]!)!, channels = weights.dims[0]!, per = weights.floats.length / channels;
      const { scale: inScale } = scales.get(node.inputs[0]!)!;
      const wScales = new Float32Array(channels), w8 = new Int8Array(weights.floats.length), b32 = new Int32Array(channels), bScales = new Float32Array(channels);
      for (let channel = 0; channel < channels; channel++) {
        const own = weights.floats.subarray(channel * per, (channel + 1) * per);
        const scale = Math.max(1e-8, own.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 63);
        wScales[channel] = scale;
        own.forEach((value, at) => { w8[channel * per + at] = Math.max(-63, Math.min(63, Math.round(value / scale))); });
        bScales[channel] = inScale * scale;
        b32[channel] = Math.round(bias.floats[channel]! / bScales[channel]!);
      }
      const w = `${name}.w`, b = `${name}.b`;
      made.push(nodeBytes('DequantizeLinear', [constant(`${w}8`, weights.dims, INT8, w8), constant(`${w}s`, [channels], FLOAT, wScales), constant(`${w}z`, [channels], INT8, new Int8Array(channels))], [w], [axis(0)]));
      made.push(nodeBytes('DequantizeLinear', [constant(`${b}32`, [channels], INT32, b32), constant(`${b}s`, [channels], FLOAT, bScales), constant(`${b}z`, [channels], INT32, new Int32Array(channels))], [b], [axis(0)]));
      inputs[1] = w; inputs[2] = b;
      kept.delete(weights.name); kept.delete(bias.name);
    }
    const attributes = node === first
      ? [attribute.ints('kernel_shape', [3, 2]), attribute.ints('pads', [1, 1, 1, 0]), attribute.ints('strides', [2, 1])]
      : [...fieldsOf(node.bytes)].filter(([field]) => field === 5).map(([, bytes]) => bytes as Buffer);
    made.push(nodeBytes(node.op, inputs, node.outputs, attributes));
    if (!names.has(name)) continue;
    const params = paramsOf(name);
    scales.set(name, params);
    const scale = constant(`${name}.s`, [], FLOAT, Float32Array.of(params.scale)), zero = constant(`${name}.z`, [], UINT8, Uint8Array.of(params.zero));
    made.push(nodeBytes('QuantizeLinear', [name, scale, zero], [`${name}.q`]), nodeBytes('DequantizeLinear', [`${name}.q`, scale, zero], [`${name}.dq`]));
  }
  return written(head, [...made.map((bytes) => chunk(1, bytes)), ...rest, ...[...kept.values()].map((tensor) => chunk(5, tensor.bytes)), ...extra.map((bytes) => chunk(5, bytes)), ...outputs.map((output) => chunk(12, output))]);
}

/** A kernel of 3 x 3, stride 2, padding 1 on c channels as 3 x 2, stride 2 x 1 on 2c: the second pixel of the pair before is offset -1, this pair is 0 and 1, and the rest is 0. */
function inPairs(weights: Tensor): Tensor {
  const [outs, ins] = weights.dims as [number, number];
  const floats = new Float32Array(outs * ins * 2 * 3 * 2);
  for (let o = 0; o < outs; o++) for (let c = 0; c < ins; c++) for (let ky = 0; ky < 3; ky++) for (let kx = 0; kx < 3; kx++) {
    const pair = kx === 0 ? 0 : 1, pixel = kx === 1 ? 0 : 1;
    floats[((o * ins * 2 + pixel * ins + c) * 3 + ky) * 2 + pair] = weights.floats[((o * ins + c) * 3 + ky) * 3 + kx]!;
  }
  return { ...weights, dims: [outs, ins * 2, 3, 2], floats };
}

/** The first frame of a picture file, as the detector would look at it. */
async function pictureOf(path: string, pixelsMost: number): Promise<{ rgb: Buffer; widthPx: number; heightPx: number }> {
  const context = new FormatContext(), packet = new Packet(), frame = new Frame(), coder = new CodecContext();
  context.allocContext();
  if (await context.openInput(`file:${path}`, null, null) < 0) throw new Error(`${path} cannot be opened`);
  const stream = context.streams[0]!, codec = Codec.findDecoder(stream.codecpar.codecId)!;
  await context.findStreamInfo(null);
  coder.allocContext3(codec); coder.parametersToContext(stream.codecpar); coder.open2Sync(codec, null);
  packet.alloc(); frame.alloc();
  await context.readFrame(packet);
  coder.sendPacketSync(packet); coder.sendPacketSync(null);
  if (coder.receiveFrameSync(frame) < 0) throw new Error(`${path} cannot be decoded`);
  const scaler = analysisScaler({ pixelsMost, multiplePx: 32, stridePx: 8 });
  const { size, rgb } = scaler.scaled(frame)!;
  const picture = { rgb: Buffer.from(rgb), widthPx: size.paddedWidthPx, heightPx: size.paddedHeightPx };
  scaler.close(); packet.free(); frame.free(); coder.freeContext();
  await context.closeInput();
  return picture;
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const [from, to, ...paths] = process.argv.slice(2);
  if (from === undefined || to === undefined || paths.length === 0) throw new Error('usage: quantise.ts FROM.onnx TO.onnx PICTURES...');
  const model = readFileSync(from), names = [...plan(parsed(model).nodes).quantised];
  const pictures = [];
  // Three sizes: near and far heads both use the ranges.
  for (const path of paths) for (const pixelsMost of [1024 * 768, 640 * 384, 320 * 192]) pictures.push(await pictureOf(path, pixelsMost));
  const ranges = await rangesOf(model, names, pictures);
  writeFileSync(to, quantised(model, ranges));
  console.log(`${names.length} tensors over ${pictures.length} pictures -> ${to}`);
}
