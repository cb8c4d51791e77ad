/** The arithmetic mean of a list of numbers; 0 for an empty list. */
export function average(numbers) {
  if (numbers.length === 0) return 0;
  let sum = 0;
  for (let i = 1; i < numbers.length; i++) {
    sum += numbers[i];
  }
  return sum / numbers.length;
}

/** The largest number of a list; undefined for an empty list. */
export function largest(numbers) {
  if (numbers.length === 0) return undefined;
  return Math.max(...numbers);
}
