/** Follows the pointer until it is let go; a press on a node is a click on it. */
export function grab(event: PointerEvent, move: (x: number, y: number) => void): void {
  const picture = event.currentTarget as Element;
  if (event.button !== 0 || (event.target as Element).closest('.node') !== null) return;
  let last = { x: event.clientX, y: event.clientY };
  picture.setPointerCapture(event.pointerId);
  const onMove = (moved: Event): void => {
    const { clientX, clientY } = moved as PointerEvent;
    move(clientX - last.x, clientY - last.y);
    last = { x: clientX, y: clientY };
  };
  const onEnd = (): void => {
    picture.removeEventListener('pointermove', onMove);
    picture.removeEventListener('pointerup', onEnd);
    picture.removeEventListener('pointercancel', onEnd);
  };
  picture.addEventListener('pointermove', onMove);
  picture.addEventListener('pointerup', onEnd);
  picture.addEventListener('pointercancel', onEnd);
}
