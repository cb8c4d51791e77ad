/**
 * Finds what belongs to a conversation. Conversations are paths, one node a message: those that begin alike share the beginning, and one that
 * was met before is found by its messages as they are, without joining them, hashing them or writing them as JSON.
 */
import type { ChatMessage } from '../models/types.ts';

interface Node<T> {
  readonly kind: string;
  readonly text: string;
  /** What came next, whenever these messages were met. Few, and of different length mostly: comparing costs less than hashing long texts. */
  readonly next: Node<T>[];
  value?: T;
}

export interface Conversations<T> {
  /** What belongs to these messages, made when they are met for the first time. */
  of(messages: readonly ChatMessage[], make: () => T): T;
}

export function createConversations<T extends object>(): Conversations<T> {
  const root: Node<T> = { kind: 'start', text: '', next: [] };
  return {
    of: (messages, make) => {
      let node = root;
      for (const message of messages) node = after(node, message);
      node.value ??= make();
      return node.value;
    },
  };
}

function after<T>(node: Node<T>, message: ChatMessage): Node<T> {
  const callsTools = 'toolCalls' in message;
  const kind = callsTools ? 'calls' : message.role;
  const text = callsTools || message.role === 'tool' ? JSON.stringify(message) : message.content;
  const known = node.next.find((other) => other.text === text && other.kind === kind);
  if (known) return known;
  const next: Node<T> = { kind, text, next: [] };
  node.next.push(next);
  return next;
}
