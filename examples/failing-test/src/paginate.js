/** How many pages are needed to show `total` items, `size` to a page. */
export function pageCount(total, size) {
  return Math.floor(total / size);
}

/** The items of one page; pages are numbered from 1. */
export function pageItems(items, number, size) {
  const start = (number - 1) * size;
  return items.slice(start, start + size);
}
