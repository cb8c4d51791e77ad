/** Edits that were typed and are not sent yet. A button that speaks about the plan sends them first, so that nothing typed is forgotten. */
const pending = new Set<() => void>();

export function holdBack(sendNow: () => void): () => void {
  pending.add(sendNow);
  return () => pending.delete(sendNow);
}

export function sendPending(): void {
  for (const sendNow of [...pending]) sendNow();
}
