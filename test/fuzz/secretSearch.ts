// Looks for secrets in whatever leaves the product, in every form in which they could hide: as they are, in base 64 (at each of its three alignments), percent-encoded, hexadecimal, escaped as JSON or HTML, and cut to their first half.
export type Marker = { name: string; value: string };
export type Haystack = { where: string; bytes: Buffer };

export function formsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8'), forms = new Set<string>([value, encodeURIComponent(value), bytes.toString('hex'), bytes.toString('hex').toUpperCase(), JSON.stringify(value).slice(1, -1), value.slice(0, Math.max(10, Math.ceil(value.length / 2)))]);
  forms.add([...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''));
  forms.add(value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'));
  for (let shift = 0; shift < 3; shift++) {
    // What stands before it moves the alignment; the characters that depend on its neighbours are left out.
    const words = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, ''), inner = words.slice(Math.ceil(shift * 8 / 6), words.length - 1);
    forms.add(inner).add(inner.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return [...forms].filter((form) => form.length >= 10);
}

export function findSecrets(haystacks: readonly Haystack[], markers: readonly Marker[]): string[] {
  const found: string[] = [];
  for (const { name, value } of markers) {
    const needles = formsOf(value).map((form) => Buffer.from(form, 'utf8'));
    for (const { where, bytes } of haystacks) {
      const needle = needles.find((one) => bytes.includes(one));
      if (needle !== undefined) { const at = bytes.indexOf(needle); found.push(`${name} in ${where}: …${bytes.subarray(Math.max(0, at - 60), at).toString('utf8')}[HERE]`); }
    }
  }
  return found;
}
