// A WebSocket message as the bytes of one server-to-client frame (RFC 6455, 5.2: final, unmasked), made once and written to every screen.
// The library frames each message anew for each screen; with a thousand screens that is most of the work of the server.
export function frame(kind: 'text' | 'binary', payload: Uint8Array | string): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const opcode = 0x80 | (kind === 'text' ? 0x1 : 0x2);
  let header: Buffer;
  if (bytes.length < 126) header = Buffer.from([opcode, bytes.length]);
  else if (bytes.length < 65_536) {
    header = Buffer.from([opcode, 126, 0, 0]);
    header.writeUInt16BE(bytes.length, 2);
  } else {
    header = Buffer.alloc(10);
    header[0] = opcode;
    header[1] = 127;
    header.writeBigUInt64BE(BigInt(bytes.length), 2);
  }
  return Buffer.concat([header, bytes]);
}
