/** What stands in the place of a value and is none. Pure. */

/** `${…}`, `<…>`, `{{…}}`, `%s`, `%NAME%`, `$NAME`, `****`: something to be filled in, not a value. */
export const isTemplate = (text: string): boolean =>
  /^(?:<[^>]*>?$|\[[^\]]*\]?$|\{[^}]*\}?|\$[{(]|\$[A-Za-z_]+$|%[sdv]$|%[({]|%[A-Z_]+%$|[*.xX•]+$)/.test(text);

/** `your-api-key`, `changeme`, `REDACTED`: said in the place of a value. */
export const isPlaceholderWord = (value: string): boolean =>
  /^(?:true|false|null|none|undefined|todo|example|secret|\.\.\.|…)$/i.test(value) ||
  /change[-_]?me|redacted|placeholder|^your[-_ ]|^<|xxxx|\*\*\*\*|^insert[-_]/i.test(value);
