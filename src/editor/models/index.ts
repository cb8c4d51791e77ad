/** The models of the editor: chosen for a run, chosen by hand, set up, keyed. The front door of `editor/models`. */
import { stopped } from '../../errors.ts';
import { chooseModels, embeddedId } from '../../model-choice/index.ts';
import type { ChosenModels, ModelNotice } from '../../model-choice/types.ts';
import type { EditorHost, Models } from '../flow-types.ts';
import { notTrusted } from '../own-failures.ts';
import { modelContext } from './context.ts';
import { describeModels } from './describe.ts';
import { setUpEmbedded } from './embedded.ts';
import { addEndpoint, removeEndpoint, setKey } from './endpoints.ts';
import { chooseByHand, pickModel } from './list.ts';
import { noticeText } from './offer-text.ts';
import { type ModelsHost, type ModelsPorts, usualPorts } from './ports.ts';

export function createModels(host: EditorHost, ports: ModelsPorts = usualPorts()): Models {
  const closing = new AbortController();
  const models: ModelsHost = { host, ...ports, closing: closing.signal, setUps: new Map() };
  const open = new Set<ChosenModels>();

  const choose: Models['choose'] = async (workspace, { images, ...wanted }, signal): Promise<ChosenModels> => {
    const tell = (notice: ModelNotice): void => host.log[notice.kind === 'key' ? 'warn' : 'info'](noticeText(host.vscode.l10n, notice));
    const chosen = await chooseModels(modelContext(models, { workspace, tell, images }), wanted, AbortSignal.any([signal, closing.signal]));
    const held: ChosenModels = {
      ...chosen,
      close: async () => {
        open.delete(held);
        await chosen.close();
      },
    };
    open.add(held);
    return held;
  };

  /** `size`: of which embedded model; anything else, such as what a menu hands over: the default one. */
  const setUp = async (size?: unknown): Promise<boolean> => {
    if (!host.vscode.workspace.isTrusted) throw notTrusted(host.vscode);
    return await setUpEmbedded(models, embeddedId(typeof size === 'string' ? size : undefined), closing.signal);
  };

  return {
    choose,
    pick: () => pickModel(models),
    describe: (workspace) => describeModels(models, workspace),
    commands: {
      'teamwright.models.choose': () => chooseByHand(models),
      'teamwright.models.addEndpoint': async (address?: unknown) => {
        // Its models come next, or the reason why it names none.
        if ((await addEndpoint(models, address)) !== undefined) await chooseByHand(models);
      },
      'teamwright.models.setKey': (endpoint?: unknown) => setKey(models, endpoint),
      'teamwright.models.removeEndpoint': (endpoint?: unknown) => removeEndpoint(models, endpoint),
      'teamwright.models.setUpEmbedded': setUp,
    },
    dispose: () => {
      closing.abort(stopped('the closing of the window'));
      for (const held of open) void held.close().catch((error: unknown) => host.showFailure(error));
    },
  };
}
