/** Pictures of a request, by their bytes: what they are, how large, what they cost, and what is refused. */
import { expect, test } from 'vitest';
import { failureOf } from '../../src/errors.ts';
import { attachedImage, attachedImages, imageTokens, notShown, requireImages } from '../../src/request/index.ts';
import { gifOf, jpegOf, pngOf, webpOf } from '../support/made-pictures.ts';

const refusal = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return failureOf(error).facts;
  }
  return undefined;
};

test.each([
  ['png', pngOf(640, 480)],
  ['jpeg', jpegOf(640, 480)],
  ['gif', gifOf(640, 480)],
  ['webp', webpOf(640, 480)],
])('%s is known by its bytes, whatever its name is', (kind, bytes) => {
  const { image, text } = attachedImage('shot.txt', bytes);
  expect(image).toMatchObject({ name: 'shot.txt', kind, bytes: bytes.length, width: 640, height: 480 });
  expect(text).toBe(`data:image/${kind};base64,${bytes.toString('base64')}`);
  // One that lost its end on the way.
  expect(refusal(() => attachedImage('shot', bytes.subarray(0, -8)))).toMatchObject({ why: 'broken' });
});

test('what is no picture, too large or too wide is refused, with how much of it', () => {
  expect(refusal(() => attachedImage('shot.png', Buffer.from('%PDF-1.7')))).toEqual({ why: 'kind', name: 'shot.png' });
  expect(refusal(() => attachedImage('shot.png', pngOf(0, 10)))).toMatchObject({ why: 'broken' });
  expect(refusal(() => attachedImage('shot.png', pngOf(8001, 10)))).toMatchObject({ why: 'too-wide', width: 8001, most: 8000 });
  const large = Buffer.concat([pngOf(10, 10), Buffer.alloc(6_000_000)]);
  expect(refusal(() => attachedImage('shot.png', large))).toMatchObject({ why: 'too-large', bytes: large.length });
});

test('the same content goes along once, and no more than five do', () => {
  const one = attachedImage('one.png', pngOf(10, 10));
  expect(attachedImages([one, { ...one }]).images).toHaveLength(1);
  const six = [1, 2, 3, 4, 5, 6].map((width) => attachedImage(`${width}.png`, pngOf(width, 10)));
  expect(refusal(() => attachedImages(six))).toEqual({ why: 'too-many', count: 6, most: 5 });
  expect(refusal(() => requireImages([one.image], new Map()))).toEqual({ why: 'gone', name: 'one.png' });
});

test('tokens follow from the pixels, within what the smallest and the largest cost', () => {
  expect(imageTokens({ width: 1500, height: 1000 })).toBe(2000);
  expect(imageTokens({ width: 10, height: 10 })).toBe(85);
  expect(imageTokens({ width: 8000, height: 8000 })).toBe(4096);
});

test('a model that takes none, or of which nobody knows it, is named once; none without pictures', () => {
  const { image } = attachedImage('one.png', pngOf(10, 10));
  const models = [{ model: 'a', images: true }, { model: 'b', images: false }, { model: 'b', images: false }, { model: 'c' }];
  expect(notShown([image], models).map(({ model }) => model)).toEqual(['b', 'c']);
  expect(notShown(undefined, models)).toEqual([]);
});
