/** An edit a model asked for, parsed but not yet matched against a file. Paths as the model wrote them. */
export type FileEdit =
  /** `exact`: to the last byte, as a tool call has it; otherwise line ends and the final newline are those of the file. */
  | { readonly kind: 'whole-file'; readonly path: string; readonly text: string; readonly exact?: boolean }
  | { readonly kind: 'search-replace'; readonly path: string; readonly search: string; readonly replace: string }
  | { readonly kind: 'unified-diff'; readonly path: string; readonly patch: string }
  | { readonly kind: 'delete'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  /** With the content that the file has before any of these edits. */
  | { readonly kind: 'copy'; readonly path: string; readonly to: string }
  /** Whether the file may be executed. */
  | { readonly kind: 'mode'; readonly path: string; readonly executable: boolean };

/** The form a coder is asked to answer in. */
export const editFormats = ['whole-file', 'search-replace', 'unified-diff'] as const;
export type EditFormat = (typeof editFormats)[number];
