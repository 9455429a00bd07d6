// Where a text stops being JSON: whoever has to mend a file of a million lines must be told the line. Asked only for texts that did not parse.

type Expects = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd' | 'nothing';
const BLANK = /[ \t\r\n]/, NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y, WORD = /true|false|null/y;

/** The offset of the first character that does not fit; the length of the text when it only ends too soon. */
export function jsonFaultAt(text: string): number {
  const open: ('{' | '[')[] = [];
  let expects: Expects = 'value', at = 0;
  const after = (): Expects => (open.length === 0 ? 'nothing' : 'commaOrEnd');
  for (;;) {
    while (at < text.length && BLANK.test(text[at]!)) at++;
    if (at >= text.length) return text.length;
    const sign = text[at]!;
    switch (expects) {
      case 'nothing': return at;
      case 'colon':
        if (sign !== ':') return at;
        at++; expects = 'value';
        break;
      case 'commaOrEnd':
        if (sign === ',') { at++; expects = open.at(-1) === '{' ? 'key' : 'value'; break; }
        if (sign !== (open.at(-1) === '{' ? '}' : ']')) return at;
        open.pop(); at++; expects = after();
        break;
      case 'key': case 'keyOrEnd': {
        if (sign === '}' && expects === 'keyOrEnd') { open.pop(); at++; expects = after(); break; }
        const end: number | null = sign === '"' ? stringEnd(text, at) : null;
        if (end === null) return at;
        at = end; expects = 'colon';
        break;
      }
      case 'value': case 'valueOrEnd': {
        if (sign === ']' && expects === 'valueOrEnd') { open.pop(); at++; expects = after(); break; }
        if (sign === '{' || sign === '[') { open.push(sign); at++; expects = sign === '{' ? 'keyOrEnd' : 'valueOrEnd'; break; }
        const end: number | null = sign === '"' ? stringEnd(text, at) : matched(NUMBER, text, at) ?? matched(WORD, text, at);
        if (end === null) return at;
        at = end; expects = after();
        break;
      }
    }
  }
}

/** Behind the closing sign; the opening one where it never closes. */
function stringEnd(text: string, from: number): number | null {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return null;
    if (code === 0x5c) at++;
  }
  return null;
}
function matched(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  return found === null ? null : at + found[0].length;
}
