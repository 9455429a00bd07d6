// The little linear algebra that geometry needs: symmetric eigenvalues, Cholesky, 3x3 inverse. Matrices are row by row in plain arrays.

/** Eigenvalues (rising) with their unit vectors of a symmetric n x n matrix, by cyclic Jacobi rotations: slow, but exact to rounding for n <= 9. */
export function symmetricEigen(matrix: readonly number[], n: number): { value: number; vector: number[] }[] {
  const a = [...matrix];
  const v = Array.from<unknown, number>({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0, all = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) { const square = a[i * n + j]! ** 2; all += square; if (i !== j) off += square; }
    if (off <= 1e-28 * all) break;
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) {
      const apq = a[p * n + q]!;
      if (apq === 0) continue;
      const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
      const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
      const c = 1 / Math.sqrt(t * t + 1), s = t * c;
      for (let k = 0; k < n; k++) {
        const akp = a[k * n + p]!, akq = a[k * n + q]!;
        a[k * n + p] = c * akp - s * akq; a[k * n + q] = s * akp + c * akq;
      }
      for (let k = 0; k < n; k++) {
        const apk = a[p * n + k]!, aqk = a[q * n + k]!;
        a[p * n + k] = c * apk - s * aqk; a[q * n + k] = s * apk + c * aqk;
        const vkp = v[k * n + p]!, vkq = v[k * n + q]!;
        v[k * n + p] = c * vkp - s * vkq; v[k * n + q] = s * vkp + c * vkq;
      }
    }
  }
  return Array.from({ length: n }, (_, j) => ({ value: a[j * n + j]!, vector: Array.from({ length: n }, (_, i) => v[i * n + j]!) }))
    .sort((one, other) => one.value - other.value);
}

/** Lower triangle L with L Lᵀ = matrix; null when the matrix is not positive definite. */
export function cholesky(matrix: readonly number[], n: number): number[] | null {
  const l = new Array<number>(n * n).fill(0);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) {
    let sum = matrix[i * n + j]!;
    for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
    if (i === j) {
      if (!(sum > 0)) return null;
      l[i * n + i] = Math.sqrt(sum);
    } else l[i * n + j] = sum / l[j * n + j]!;
  }
  return l;
}

/** x with L Lᵀ x = b. */
export function choleskySolve(l: readonly number[], n: number, b: readonly number[]): number[] {
  const y = new Array<number>(n).fill(0), x = new Array<number>(n).fill(0);
  for (let i = 0; i < n; i++) { let sum = b[i]!; for (let k = 0; k < i; k++) sum -= l[i * n + k]! * y[k]!; y[i] = sum / l[i * n + i]!; }
  for (let i = n - 1; i >= 0; i--) { let sum = y[i]!; for (let k = i + 1; k < n; k++) sum -= l[k * n + i]! * x[k]!; x[i] = sum / l[i * n + i]!; }
  return x;
}

export function times3(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 9 }, (_, at) => {
    const row = Math.floor(at / 3) * 3, column = at % 3;
    return a[row]! * b[column]! + a[row + 1]! * b[column + 3]! + a[row + 2]! * b[column + 6]!;
  });
}

/** Null when there is none. */
export function inverse3(m: readonly number[]): number[] | null {
  const [a, b, c, d, e, f, g, h, i] = m as [number, number, number, number, number, number, number, number, number];
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const size = Math.max(...m.map(Math.abs));
  if (!(Math.abs(determinant) > 1e-14 * size ** 3)) return null;
  return [e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f, d * h - e * g, b * g - a * h, a * e - b * d].map((value) => value / determinant);
}
