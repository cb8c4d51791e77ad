/** What the editor says of failures of models: the sentence, the next step, and the buttons that do it. Part of `../failure-table.ts`. */
import type * as vscode from 'vscode';
import { because, byWhy, type Facts } from '../../errors.ts';
import { modelForms } from '../../model-choice/index.ts';
import type { Button, FailureWords, ToldFailure } from '../failure-words-types.ts';

type Translate = typeof vscode.l10n.t;
type ModelCode = Extract<keyof Facts, `model-${string}` | `local-model-${string}` | 'endpoint-unknown' | 'download-failed'>;

/** Endpoints that are no name of the user's settings. */
const ours = new Set(['embedded', 'ollama', 'lm-studio', 'llama-server', 'vllm', 'vscode', 'recorded']);

const isOfVscode = ({ endpoint }: { readonly endpoint: string }): boolean => endpoint === 'vscode';

const choose = (t: Translate): Button => ({ title: t('Choose Models…'), command: 'teamwright.models.choose' });

const setUp = (t: Translate, id: string | undefined): Button => ({
  title: t('Set Up Embedded Model'),
  command: 'teamwright.models.setUpEmbedded',
  argument: id,
});

function server({ endpoint, model = '' }: { readonly endpoint: string; readonly model?: string }, t: Translate): string {
  if (endpoint === 'vscode') return t('The VS Code model {0}', model);
  return endpoint === 'embedded' ? t('The server of the embedded model') : t('The model server {0}', endpoint);
}

/** What a refused key asks for: permission, another key of this endpoint, or an endpoint to give a key to. */
function access({ endpoint, why }: Facts['model-unauthorized'], t: Translate): { next: string; buttons: readonly Button[] } {
  if (why === 'no-consent') {
    return {
      next: t('Allow it in VS Code under Accounts, Manage Language Model Access, or choose another model.'),
      buttons: [choose(t)],
    };
  }
  if (why === 'quota') {
    return {
      next: t(
        'VS Code gives extensions no figures of the quota; the status of the provider shows them. Wait until it is renewed, or choose another model.',
      ),
      buttons: [choose(t)],
    };
  }
  if (/^https?:/.test(endpoint)) {
    return {
      next: t('Add the server as an endpoint to give it a key, or choose another model.'),
      buttons: [{ title: t('Add Endpoint…'), command: 'teamwright.models.addEndpoint', argument: endpoint }, choose(t)],
    };
  }
  return {
    next: t('Check the key and whether the account has credit.'),
    buttons: [
      { title: t('Set Key…'), command: 'teamwright.models.setKey', argument: ours.has(endpoint) ? undefined : endpoint },
      choose(t),
    ],
  };
}

function nameWords(facts: Facts['model-name-invalid'], t: Translate): { readonly message: string; readonly next: string } {
  const { from, name } = facts;
  const what =
    from.by === 'settings'
      ? t('The setting {0}', `teamwright.models.${from.tier}`)
      : from.by === 'environment'
        ? from.variable
        : t('The name');
  const forms = t('The forms are: {0}.', `${modelForms}, vscode:VENDOR/NAME`);
  return byWhy(facts, {
    empty: { message: t('{0} is empty.', what), next: forms },
    'no-model': ({ server }) => ({
      message: t('{0} has a server but no model: "{1}".', what, name),
      next: server === undefined ? forms : t('Write it like {0}.', /^https?:/i.test(server) ? `NAME@${server}` : `${server}:NAME`),
    }),
    'no-size': { message: t('{0} has no size after "embedded:".', what), next: forms },
    address: {
      message: t('{0} has an address that cannot be read: "{1}".', what, name),
      next: t('Write it like {0}.', 'NAME@http://127.0.0.1:8080/v1'),
    },
    login: {
      message: t('{0} has a user name or password in the address.', what),
      next: t('Add the server as an endpoint to give it a key, or choose another model.'),
    },
    vscode: { message: t('{0} names no model of VS Code: "{1}".', what, name), next: t('Write it like {0}.', 'vscode:copilot/gpt-4o') },
  });
}

export const modelFailures: FailureWords<ModelCode> = {
  'model-name-invalid': (facts, t) => ({
    ...nameWords(facts, t),
    buttons: [
      ...(facts.from.by === 'settings'
        ? [{ title: t('Open Settings'), command: 'workbench.action.openSettings', argument: `teamwright.models.${facts.from.tier}` }]
        : []),
      choose(t),
    ],
  }),
  'endpoint-unknown': ({ endpoint }, t) => ({
    message: t('The settings have no endpoint "{0}".', endpoint),
    next: t('Add it, or choose another model.'),
    buttons: [{ title: t('Add Endpoint…'), command: 'teamwright.models.addEndpoint' }, choose(t)],
  }),
  'model-unlocated': ({ model }, t) => ({
    message: t('No server is known for the model "{0}".', model),
    next: t('Write where it is: ollama:NAME, NAME@http://host:port/v1, or ENDPOINT:NAME.'),
    buttons: [choose(t)],
  }),
  // Here they can be asked.
  'model-elsewhere': (_facts, _t, sentence) => ({ message: sentence }),
  'model-unchosen': ({ address, models }, t) => ({
    message:
      models.length === 0
        ? t('The server {0} lists no models.', address)
        : t('The server {0} has {1} models, and none was named.', address, models.length),
    next: t('Choose the one to use.'),
    buttons: [choose(t)],
  }),
  'model-unreachable': (facts, t) => ({
    message: t('{0} cannot be reached{1}', server(facts, t), because(facts.detail)),
    next: isOfVscode(facts)
      ? t('Check the network, or choose another model.')
      : facts.endpoint === 'embedded'
        ? t('Run again: its server is started anew.')
        : t('Check that the server runs and that its address is right, or choose another model.'),
    buttons: [choose(t)],
  }),
  'model-unauthorized': (facts, t) => {
    const [who, said] = [server(facts, t), because(facts.detail)];
    const message = byWhy(facts, {
      refused: () => t('{0} refused access{1}', who, said),
      'no-consent': () => t('{0} may not be used by Teamwright: VS Code was not given permission{1}', who, said),
      quota: () => t('{0} is blocked for Teamwright: its quota is used up, or a rule of the organisation forbids it{1}', who, said),
    });
    return { message, ...access(facts, t) };
  },
  'model-not-found': (facts, t) => ({
    message: isOfVscode(facts)
      ? t('{0} is not there (any more){1}', server(facts, t), because(facts.detail))
      : t('{0} does not know the model {1}{2}', server(facts, t), facts.model ?? '', because(facts.detail)),
    next: isOfVscode(facts)
      ? t('Sign in to its provider and look whether it still offers the model, or choose another one.')
      : t('Choose one of the models that are there.'),
    buttons: [choose(t)],
  }),
  'model-rate-limited': (facts, t) => ({
    message: t('{0} limits the rate of requests{1}', server(facts, t), because(facts.detail)),
    next:
      facts.retryAfterMs === undefined
        ? t('Wait a little, then run again.')
        : t('Wait {0} seconds, then run again.', Math.ceil(facts.retryAfterMs / 1000)),
    buttons: [choose(t)],
  }),
  'model-timeout': (facts, t) => {
    const seconds = facts.limitMs / 1000;
    return {
      message:
        facts.phase === 'first-byte'
          ? t('{0} sent nothing for {1} seconds{2}', server(facts, t), seconds, because(facts.detail))
          : t('{0} fell silent in the middle of a reply for {1} seconds{2}', server(facts, t), seconds, because(facts.detail)),
      next: t('Run again, or choose a faster model.'),
      buttons: [choose(t)],
    };
  },
  'model-half-stream': (facts, t) => ({
    message: t('{0} broke off in the middle of a reply{1}', server(facts, t), because(facts.detail)),
    next: isOfVscode(facts)
      ? t('Run again; if it happens often, choose another model.')
      : t('Run again; if it happens often, look at the log of the server.'),
    buttons: [choose(t)],
  }),
  'model-bad-reply': (facts, t) => ({
    message:
      facts.why === 'empty'
        ? t('{0} sent an empty reply{1}', server(facts, t), because(facts.detail))
        : t('{0} sent a reply that is not the OpenAI protocol{1}', server(facts, t), because(facts.detail)),
    next:
      facts.why === 'empty'
        ? t('Run again; if it stays, choose another model.')
        : t('Check that the address is that of an OpenAI-compatible server (often it ends in /v1).'),
    buttons: [choose(t)],
  }),
  'model-context-full': (facts, t) => ({
    message: isOfVscode(facts)
      ? t('{0} cannot read so long a request{1}', server(facts, t), because(facts.detail))
      : t('The request is too long for the model {0} at {1}{2}', facts.model ?? '', facts.endpoint, because(facts.detail)),
    next: isOfVscode(facts)
      ? t('Name fewer files in the request, or choose a model with a larger context.')
      : t('Name fewer files in the request, start the server with a larger context, or choose a model with a larger one.'),
    buttons: [choose(t)],
  }),
  'model-server-error': (facts, t) => ({
    message:
      facts.status === undefined
        ? t('{0} failed{1}', server(facts, t), because(facts.detail))
        : t('{0} failed with status {1}{2}', server(facts, t), facts.status, because(facts.detail)),
    next: isOfVscode(facts)
      ? t('Run again; if it stays, the output of its provider says more.')
      : t('Run again; if it stays, look at the log of the server.'),
    buttons: [choose(t)],
  }),
  'model-refused': (facts, t) => {
    const [who, said] = [server(facts, t), because(facts.detail)];
    const words = byWhy<typeof facts, ToldFailure>(facts, {
      parameters: ({ status }) => ({
        message:
          status === undefined
            ? t('{0} refused the request{1}', who, said)
            : t('{0} refused the request with status {1}{2}', who, status, said),
        next: t('Choose another model, or find out anew what this one can do.'),
      }),
      'off-topic': () => ({
        message: t('{0} refused the request as off topic{1}', who, said),
        next: t('Put the request as a coding task, or choose another model.'),
      }),
      filtered: () => ({
        message: t('{0} filtered the request or its answer{1}', who, said),
        next: t('Put the request in other words, or choose another model.'),
      }),
    });
    return { ...words, buttons: [choose(t)] };
  },
  'local-model-unknown': ({ id, known }, t) => ({
    message: t('There is no embedded model "{0}".', id),
    next: t('There are these: {0}.', known.join(', ')),
    buttons: [choose(t)],
  }),
  'local-model-missing': ({ id, what }, t) => ({
    message:
      what === 'weights'
        ? t('The embedded model {0} is not set up: the file with the weights is missing.', id)
        : what === 'engine'
          ? t('The embedded model {0} is not set up: the engine is missing.', id)
          : what === 'damaged-adapter'
            ? t('What was trained for the embedded model {0} cannot be used: its file is damaged, or holds no LoRA weights.', id)
            : what === 'foreign-adapter'
              ? t('What was trained for the embedded model {0} cannot be used: it was trained on other weights than the ones here.', id)
              : t('The embedded model {0} was not trained on this machine.', id),
    next: what === 'weights' || what === 'engine' ? t('Set it up, or choose another model.') : t('Choose another model.'),
    buttons: what === 'weights' || what === 'engine' ? [setUp(t, id), choose(t)] : [choose(t)],
  }),
  'local-model-corrupt': ({ id, source, found }, t) => ({
    message: t("The weights of {0} from {1} are not the publisher's: {2}.", id, source, found),
    next: t('Set it up again, or choose another model.'),
    buttons: [setUp(t, id), choose(t)],
  }),
  'local-model-failed': ({ id, detail }, t) => ({
    message: t('The embedded model {0} could not be started: {1}', id, detail),
    next: t('Set it up again, or choose another model.'),
    buttons: [setUp(t, id), choose(t)],
  }),
  'download-failed': ({ what, reasons }, t) => ({
    message: t('{0} could not be downloaded. {1}', what, reasons.join(' ')),
    next: t('Check the network and try again: what arrived so far is kept.'),
    buttons: [setUp(t, undefined), choose(t)],
  }),
};
