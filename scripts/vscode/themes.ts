/** The themes every screen is looked at in, by the names the pictures carry. */
export const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  contrast: 'Default High Contrast',
} as const;

export type ThemeName = keyof typeof themes;
