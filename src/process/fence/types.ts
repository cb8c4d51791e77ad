/** What works on this machine, found out by trying it. */
export interface Fence {
  readonly by: 'unshare' | 'bwrap' | 'sandbox-exec';
  /** Folders can be shown as if writable, with what is written thrown away. */
  readonly discards: boolean;
}

/** Why foreign code cannot be fenced here, for people. */
export interface NoFence {
  readonly by: 'none';
  readonly reason: string;
}

/** `discard`: read, and written as if; what is written goes with the command. Where that cannot be had the folder is only read. */
export type Access = 'read' | 'write' | 'discard';

/** A file or folder of this machine that a fenced command sees, at its own path. */
export interface Shown {
  /** Absolute real path. */
  readonly path: string;
  readonly access: Access;
  readonly folder: boolean;
}

/** A symbolic link on the way to something shown. */
export interface Link {
  readonly at: string;
  readonly to: string;
}

/** What a fenced command sees of this machine; everything else is not there. */
export interface FenceView {
  readonly shown: readonly Shown[];
  readonly links: readonly Link[];
  /** Not shown even where it lies below something that is. Absolute real paths. */
  readonly hidden: readonly { readonly path: string; readonly folder: boolean }[];
  /** The user's home, real path: there, empty but for `homeFiles`, and writable for the length of the command. */
  readonly home: string;
  /** What stands in the home, by names in it. */
  readonly homeFiles?: Readonly<Record<string, string>>;
  /** The machine's network. Without it the command has a loopback of its own and nothing else. */
  readonly network: boolean;
  /** May make user namespaces of its own (the sandbox of a browser does). */
  readonly namespaces: boolean;
}

/** How one command is fenced. */
export interface Fenced {
  readonly fence: Fence;
  readonly view: FenceView;
}

/** The program that is fenced: absolute path, its name and arguments, its whole environment, its folder. */
export interface Inner {
  readonly program: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * How a command is started in its fence. On descriptor 3 it tells the id of the namespace's first process as this machine knows it (the first
 * number there), on 5 one line once the fence stands; what it is to run stands in the file that is its descriptor 4.
 */
export interface Entry {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
