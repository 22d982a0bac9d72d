/** Line drawings on a grid of 24. */
const PATHS = {
  overview: 'M3 13h4l3-8 4 14 3-6h4',
  tenants: 'M4 21V8l8-5 8 5v13M9 21v-6h6v6M9 10h.01M15 10h.01',
  scripts: 'M8 7 3 12l5 5M16 7l5 5-5 5M14 4l-4 16',
  executions: 'M5 4v16l15-8z',
  failures:
    'M12 9v4M12 17h.01M10.3 3.9 2.4 18a2 2 0 0 0 1.7 3h15.8a2 2 0 0 0 1.7-3L13.7 3.9a2 2 0 0 0-3.4 0z',
  letters: 'M3 7l9 6 9-6M3 6h18v13H3z',
  menu: 'M4 6h16M4 12h16M4 18h16',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'M5 12l5 5 9-11',
  back: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 5v14l11-7z',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  replay: 'M4 5v6h6M4.5 11A8 8 0 1 1 6 17',
  trash: 'M5 7h14M10 11v6M14 11v6M7 7l1 13h8l1-13M9 7V4h6v3',
  theme: 'M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 2',
  key: 'M15 3a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM10.8 13.2 3 21M6 18l3 3M16.5 7.5h.01',
  variables: 'M9 4c-5 0-1 8-6 8 5 0 1 8 6 8M15 4c5 0 1 8 6 8-5 0-1 8-6 8',
  store: 'M4 6c0-3 16-3 16 0s-16 3-16 0v12c0 3 16 3 16 0V6M4 12c0 3 16 3 16 0',
  bolt: 'M13 3 5 14h6l-1 7 9-12h-6z',
} as const;

export type IconName = keyof typeof PATHS;

/** A drawing beside words that say the same. */
export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
);
