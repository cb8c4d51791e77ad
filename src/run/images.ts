/** Who of a run looks at the pictures of its request. */
import type { ChatMessage, ModelChoice, ModelSet } from '../models/types.ts';
import type { Plan } from '../plan/schema.ts';
import { type ImageTexts, imageTokens, type Looker } from '../request/index.ts';
import type { Request, RequestImage } from '../request/types.ts';

/** Pictures for the opening of an agent's conversation: who writes or plans sees them; who gives a verdict judges the change by its code and tests. */
export function imagesFor(agent: string, { agents }: Pick<Plan, 'agents'>, { images }: Request): readonly RequestImage[] | undefined {
  const output = agents[agent]?.output;
  return output === undefined || output === 'verdict' ? undefined : images;
}

/** What the pictures add to a prompt where any model is shown them, tokens. */
export const tokensOfImages = (images: readonly RequestImage[] = [], models: ModelSet): number =>
  takesImages(models.worker) || takesImages(models.strong) ? images.reduce((sum, image) => sum + imageTokens(image), 0) : 0;

export const lookersOf = ({ worker, strong }: ModelSet): readonly Looker[] =>
  [worker, strong].map(({ model, capabilities: { images } }) => ({ model, images }));

const takesImages = ({ capabilities }: ModelChoice): boolean => capabilities.images === true;

/** A conversation with the pictures in its opening. `record` is what the trace keeps of it: each picture by what names its content. */
export function withImages(
  messages: readonly ChatMessage[],
  images: readonly RequestImage[],
  texts: ImageTexts,
): { readonly messages: readonly ChatMessage[]; readonly record: string } {
  const opening = messages.find(({ role }) => role === 'user');
  const content = `${opening?.content ?? ''}\n\n# Pictures\nThe user attached: ${images.map(({ name }) => name).join(', ')}`;
  const shown = images.map((image) => ({ dataUrl: texts.get(image.data) ?? '', tokens: imageTokens(image) }));
  return {
    messages: messages.map((message) => (message === opening ? { role: 'user', content, images: shown } : message)),
    record: JSON.stringify(
      messages.map((message) => (message === opening ? { role: 'user', content, images: images.map(({ data }) => data) } : message)),
    ),
  };
}
