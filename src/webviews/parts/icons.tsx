/** Icons, drawn on a grid of 16; they take the colour of the text around them. */
import type { BadgeModel } from '../badge-types.ts';

const circle = 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z';

/** Those of badges, like their namesakes in VS Code. */
const badgePaths: Readonly<Record<BadgeModel['icon'], string>> = {
  sync: 'M12.5 8a4.5 4.5 0 0 1-8.2 2.6M3.5 8a4.5 4.5 0 0 1 8.2-2.6M11.9 2.8v2.7H9.2M4.1 13.2v-2.7h2.7',
  'debug-pause': 'M5.5 4v8M10.5 4v8',
  'bell-dot': 'M3.5 11.5h9l-1.3-2V6.6a3.2 3.2 0 0 0-6.4 0v2.9zM6.8 13.5h2.4M13 2.5v.2',
  'debug-disconnect': 'M3 13l3-3M10 6l3-3M5 8l3 3-1.5 1.5a2.1 2.1 0 0 1-3-3zM8 5l3 3 1.5-1.5a2.1 2.1 0 0 0-3-3z',
  'debug-continue': 'M3.5 3.5v9M6.5 3.5l6.5 4.5-6.5 4.5z',
  'debug-stop': 'M4.5 4.5h7v7h-7z',
  pass: `${circle}M5.2 8.2l2 2 3.6-4.2`,
  'pass-filled': `${circle}M8 3.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8zM6 8.1l1.4 1.4 2.5-2.9`,
  question: `${circle}M6.2 6.4a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.8.6-.8 1.2M8 11.2v.2`,
  error: `${circle}M5.5 5.5l5 5M10.5 5.5l-5 5`,
  'beaker-stop': 'M6 2.5h4M6.7 2.5v4L3.4 12a1 1 0 0 0 .9 1.5h7.4a1 1 0 0 0 .9-1.5L9.3 6.5v-4M6.5 8.5l3 3M9.5 8.5l-3 3',
  comment: 'M3 4h10v6.5H8L5 13v-2.5H3z',
  dash: 'M3.5 8h9',
  'credit-card': 'M2.5 4h11v8h-11zM2.5 6.5h11M4.5 9.8h2',
  report: 'M5.4 2h5.2L14 5.4v5.2L10.6 14H5.4L2 10.6V5.4zM8 5v4M8 11v.2',
  'circle-slash': `${circle}M3.7 3.7l8.6 8.6`,
  thumbsdown: 'M5 9.5V3.5h5.5l2 5v1H9l.5 3a1 1 0 0 1-1.8.7zM2.5 3.5H5v6H2.5z',
  reply: 'M6.5 4L3 7.5 6.5 11M3 7.5h6.5a3.5 3.5 0 0 1 3.5 3.5v1',
  warning: 'M8 2.5L14 13H2zM8 6.5v3M8 11v.2',
  bug: 'M5 7a3 3 0 0 1 6 0v3.5a3 3 0 0 1-6 0zM5 8.8H2.5M13.5 8.8H11M5.2 6L3 4.5M10.8 6L13 4.5M5.2 11.5L3 13M10.8 11.5L13 13M8 7v6',
  diff: 'M8 3v6M5 6h6M5 12.5h6',
  'diff-added': 'M3 3h10v10H3zM8 5.500v5M5.500 8h5',
  'diff-modified': 'M3 3h10v10H3zM8 7v2',
  'diff-removed': 'M3 3h10v10H3zM5.500 8h5',
  pinned: 'M5.500 2.500h5M6.500 2.500v4L4.500 9.500h7l-2-3v-4M8 9.500v4',
  'pinned-dirty': 'M4.500 2.500h5M5.500 2.500v4L3.500 9.500h7l-2-3v-4M7 9.500v4M13 4v.2',
  'git-merge':
    'M5 6v4M5 6a1.6 1.6 0 1 0 0-3.2A1.6 1.6 0 0 0 5 6zM5 13.2A1.6 1.6 0 1 0 5 10a1.6 1.6 0 0 0 0 3.2zM11 10a1.6 1.6 0 1 0 0-3.2A1.6 1.6 0 0 0 11 10zM5 6c.3 1.7 2 2.4 4.4 2.4',
  discard: 'M5.5 3L3 5.5 5.5 8M3 5.500h6a3.7 3.7 0 0 1 0 7.400H6',
  'circle-outline': circle,
  history: 'M3.3 5.500A5.5 5.5 0 1 1 2.5 8M3 2.500v3h3M8 5v3.200l2 1.3',
};

const ownPaths = {
  add: 'M8 3v10M3 8h10',
  remove: 'M3.5 4.5h9M6.5 4.5V3h3v1.5M5 4.5l.5 8.5h5l.5-8.5',
  up: 'M4 9l4-4 4 4',
  down: 'M4 7l4 4 4-4',
  'zoom-in': 'M8 4v8M4 8h8',
  'zoom-out': 'M4 8h8',
  fit: 'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3',
  info: `M8 7.5v3.5M8 5v.2${circle}`,
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M4 4l8 8M12 4l-8 8',
  pause: 'M5.5 4v8M10.5 4v8',
  play: 'M5 3.5l7 4.5-7 4.5z',
  stop: 'M4.5 4.5h7v7h-7z',
  skip: 'M4 4l5 4-5 4zM12 4v8',
  hint: 'M3 4h10v6.5H8L5 13v-2.5H3z',
  clock: `M8 4.5V8l2.5 1.5${circle}`,
  dot: 'M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
  agent: 'M8 2.5a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2zM3 13.5c.4-2.6 2.4-4 5-4s4.6 1.4 5 4',
  tool: 'M2.5 4h11v8h-11zM5 6.5L7 8l-2 1.5M8.5 10h2.5',
  control: 'M4 6.5A4.5 4.5 0 0 1 12.2 6M12 9.5A4.5 4.5 0 0 1 3.8 10M12.5 3.5V6H10M3.5 12.5V10H6',
  refresh: 'M12.5 8a4.5 4.5 0 1 1-1.3-3.2M11.5 2.5v2.8H8.7',
} as const;

const paths = { ...badgePaths, ...ownPaths };

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={paths[name]} fill="none" stroke="currentColor" stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
