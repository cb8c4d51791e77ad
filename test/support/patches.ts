/** One hunk over both texts, as git writes it. */
export function structuredPatch(path: string, before: string, after: string): string {
  const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const marked = (mark: string) => (line: string) =>
    line.endsWith('\n') ? `${mark}${line}` : `${mark}${line}\n\\ No newline at end of file\n`;
  const [old, now] = [linesOf(before), linesOf(after)];
  const body = [...old.map(marked('-')), ...now.map(marked('+'))].join('');
  return `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1,${old.length} +1,${now.length} @@\n${body}`;
}
