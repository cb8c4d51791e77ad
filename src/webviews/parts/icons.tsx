/** Icons, drawn on a grid of 16; they take the colour of the text around them. */
const paths = {
  add: 'M8 3v10M3 8h10',
  remove: 'M3.5 4.5h9M6.5 4.5V3h3v1.5M5 4.5l.5 8.5h5l.5-8.5',
  up: 'M4 9l4-4 4 4',
  down: 'M4 7l4 4 4-4',
  'zoom-in': 'M8 4v8M4 8h8',
  'zoom-out': 'M4 8h8',
  fit: 'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3',
  info: 'M8 7.5v3.5M8 5v.2M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z',
  warning: 'M8 2.5L14 13H2zM8 6.5v3M8 11v.2',
  error: 'M5.5 5.5l5 5M10.5 5.5l-5 5M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z',
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M4 4l8 8M12 4l-8 8',
  pause: 'M5.5 4v8M10.5 4v8',
  play: 'M5 3.5l7 4.5-7 4.5z',
  stop: 'M4.5 4.5h7v7h-7z',
  skip: 'M4 4l5 4-5 4zM12 4v8',
  hint: 'M3 4h10v6.5H8L5 13v-2.5H3z',
  diff: 'M8 3v6M5 6h6M5 12.5h6',
  clock: 'M8 4.5V8l2.5 1.5M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z',
  dot: 'M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  agent: 'M8 2.5a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2zM3 13.5c.4-2.6 2.4-4 5-4s4.6 1.4 5 4',
  tool: 'M2.5 4h11v8h-11zM5 6.5L7 8l-2 1.5M8.5 10h2.5',
  control: 'M4 6.5A4.5 4.5 0 0 1 12.2 6M12 9.5A4.5 4.5 0 0 1 3.8 10M12.5 3.5V6H10M3.5 12.5V10H6',
  refresh: 'M12.5 8a4.5 4.5 0 1 1-1.3-3.2M11.5 2.5v2.8H8.7',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={paths[name]} fill="none" stroke="currentColor" stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
