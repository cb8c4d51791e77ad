/** The little linear algebra that a dozen weights need. */

export type Vector = readonly number[];
export type Matrix = readonly Vector[];

export const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, index) => sum + value * (b[index] as number), 0);

/** weight · v vᵀ */
export const outer = (v: Vector, weight: number): Matrix => v.map((row) => v.map((column) => weight * row * column));

export const plus = (a: Matrix, b: Matrix): Matrix =>
  a.map((row, at) => row.map((value, column) => value + ((b[at] as Vector)[column] as number)));

export const scaled = (a: Matrix, by: number): Matrix => a.map((row) => row.map((value) => value * by));

/** x with A·x = b, for a symmetric positive definite A, by its Cholesky factor. Throws when A is none: that is a fault of ours, or a broken file. */
export function solved(a: Matrix, b: Vector): number[] {
  const size = b.length;
  const lower: number[][] = [];
  for (let row = 0; row < size; row += 1) {
    const own: number[] = [];
    for (let column = 0; column <= row; column += 1) {
      const other = column === row ? own : (lower[column] as number[]);
      let rest = (a[row] as Vector)[column] as number;
      for (let k = 0; k < column; k += 1) rest -= (own[k] as number) * (other[k] as number);
      if (column < row) own.push(rest / (other[column] as number));
      else if (rest > 0) own.push(Math.sqrt(rest));
      else throw new RangeError('The matrix is not positive definite.');
    }
    lower.push(own);
  }
  const x = [...b];
  for (let row = 0; row < size; row += 1) {
    const own = lower[row] as number[];
    let rest = x[row] as number;
    for (let k = 0; k < row; k += 1) rest -= (own[k] as number) * (x[k] as number);
    x[row] = rest / (own[row] as number);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let rest = x[row] as number;
    for (let k = row + 1; k < size; k += 1) rest -= (lower[k]?.[row] as number) * (x[k] as number);
    x[row] = rest / (lower[row]?.[row] as number);
  }
  return x;
}
