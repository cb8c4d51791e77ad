/** The form beside the graph: which fields a step, its agent and the plan have, with their problems. Pure. */

import type { Tier } from '../../models/types.ts';
import {
  type Agent,
  abortOf,
  abortSentence,
  agentNameOf,
  agentOfStep,
  boundsOf,
  difficulties,
  formatPlace,
  type Place,
  type Plan,
  type Problem,
  rescueText,
  type Step,
  stepKindOf,
  toolNames,
} from '../../plan/index.ts';
import type { FieldModel, FieldValue, SectionModel } from '../../webviews/plan-types.ts';
import { readableNotes, stepsOfAgent } from './plan-edits.ts';
import { formWords, outputLabels } from './problem-words.ts';
import type { Localise } from './words.ts';

export interface FormInput {
  readonly plan: Plan;
  readonly problems: readonly Problem[];
  /** The model each tier stands for; '' when unknown. */
  readonly models: Readonly<Record<Tier, string>>;
  readonly l10n: Localise;
}

interface FieldExtras {
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  readonly help?: string;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly edit?: FieldModel['edit'];
}

/** Makes fields and hands each problem to the field it is about. */
function fieldMaker({ problems, l10n }: FormInput) {
  const words = formWords(l10n);
  return (place: Place, label: string, control: FieldModel['control'], value: FieldValue, extras: FieldExtras = {}): FieldModel => {
    const path = formatPlace(place);
    const own = problems.filter(
      (problem) => problem.path === path || problem.path.startsWith(`${path}[`) || problem.path.startsWith(`${path}.`),
    );
    const { options = [], help = '', edit = 'set', ...limits } = extras;
    return {
      id: path,
      place: [...place],
      label,
      control,
      edit,
      value: Number.isNaN(value) ? null : value,
      options: [...options],
      help,
      ...limits,
      problems: own.map(({ severity, say }) => ({ severity, message: say(words) })),
    };
  };
}

const plain = (values: readonly string[]): { value: string; label: string }[] => values.map((value) => ({ value, label: value }));

export function stepSections(step: Step, place: Place, input: FormInput): SectionModel[] {
  const { plan, l10n } = input;
  const field = fieldMaker(input);
  const kind = stepKindOf(step);
  const { t } = l10n;
  const scope = { t, agents: Object.keys(plan.agents), notes: readableNotes(plan, step.id) };
  const fields = [
    field([...place, 'id'], t('Name'), 'text', step.id, { edit: 'rename-step', help: t('Lower-case letters, digits and dashes.') }),
    ...Object.entries(kind.fields).flatMap(([name, own]) => {
      const value = (step as unknown as Record<string, FieldValue>)[name] ?? null;
      const options = own.options?.({ ...scope, value });
      if (options?.length === 0) return [];
      return field([...place, name], own.label(t), own.control, value, { options, help: own.help?.(t), ...boundsOf(own) });
    }),
  ];
  const sections: SectionModel[] = [{ title: t('Step {0}', step.id), note: kind.does(t), fields }];
  const name = agentNameOf(step);
  const agent = agentOfStep(plan, step);
  if (name !== undefined && agent) sections.push(agentSection(name, agent, input));
  return sections;
}

export function agentSection(name: string, agent: Agent, input: FormInput): SectionModel {
  const { plan, models, l10n } = input;
  const field = fieldMaker(input);
  const at = (part: string): Place => ['agents', name, part];
  const callers = stepsOfAgent(plan, name).map((step) => step.id);
  const tier = (value: Tier, label: string) => ({ value, label: models[value] === '' ? label : `${label} · ${models[value]}` });
  const nameField = field(['agents', name], l10n.t('Name'), 'text', name, {
    edit: 'rename-agent',
    help: l10n.t('Lower-case letters, digits and dashes.'),
  });
  const fields: FieldModel[] = [
    // Problems deeper inside belong to the fields that follow.
    { ...nameField, problems: problemsAt(input, formatPlace(['agents', name])) },
    field(at('role'), l10n.t('Role'), 'text', agent.role),
    field(at('instructions'), l10n.t('Goal and instructions'), 'area', agent.instructions),
    field(at('tier'), l10n.t('Model'), 'select', agent.tier, {
      options: [tier('worker', l10n.t('Worker')), tier('strong', l10n.t('Strong'))],
    }),
    field(at('output'), l10n.t('Hands over'), 'select', agent.output, {
      options: Object.entries(outputLabels(l10n)).map(([value, label]) => ({ value, label })),
    }),
    field(at('tools'), l10n.t('Tools'), 'set', agent.tools, { options: plain(toolNames), help: l10n.t('None: one reply, no tools.') }),
    field(at('write'), l10n.t('May write'), 'lines', agent.write, {
      help: l10n.t('One glob a line, inside the workspace. Empty: nothing. Test files stay closed unless it hands over tests.'),
    }),
    field(at('commands'), l10n.t('May run'), 'lines', agent.commands ?? [], {
      help: l10n.t('One command a line, for the tool “run”: a program, or one with its first words. There is no shell.'),
    }),
    field(at('servers'), l10n.t('Servers'), 'lines', agent.servers ?? [], {
      help: l10n.t('Servers of the Model Context Protocol, one a line, by their names in the settings.'),
    }),
    field(at('network'), l10n.t('Network'), 'select', agent.network ? 'open' : 'closed', {
      options: [
        { value: 'closed', label: l10n.t('None') },
        { value: 'open', label: l10n.t('For its commands and servers') },
      ],
      help: l10n.t('Commands have it only where your settings open it to this workspace too.'),
    }),
    field(at('temperature'), l10n.t('Temperature'), 'number', agent.temperature, { min: 0, max: 2, step: 0.01 }),
  ];
  const note = [
    ...(callers.length > 1 ? [l10n.t('Called by {0}: a change here is for all of them.', callers.join(', '))] : []),
    ...(agent.rescue === undefined ? [] : [`${rescueText(agent.rescue, l10n.t)}.`]),
  ].join(' ');
  return { title: l10n.t('Agent {0}', name), note, fields };
}

const problemsAt = ({ problems, l10n }: FormInput, path: string): FieldModel['problems'] => {
  const words = formWords(l10n);
  return problems.filter((problem) => problem.path === path).map(({ severity, say }) => ({ severity, message: say(words) }));
};

export function planSections(input: FormInput): SectionModel[] {
  const { plan, l10n } = input;
  const field = fieldMaker(input);
  // Steps that every value of a plan is a multiple of: one between two steps is invalid to the browser.
  const number = (name: keyof Plan['budget'], label: string): FieldModel =>
    field(['budget', name], label, 'number', plan.budget[name], name === 'usd' ? { min: 0, step: 0.01 } : { min: 1, step: 1 });
  return [
    {
      title: l10n.t('Plan'),
      note: '',
      fields: [
        field(['name'], l10n.t('Name'), 'text', plan.name, { help: l10n.t('Lower-case letters, digits and dashes.') }),
        field(['difficulty'], l10n.t('Difficulty'), 'select', plan.difficulty, {
          options: [
            { value: difficulties[0], label: l10n.t('Easy') },
            { value: difficulties[1], label: l10n.t('Medium') },
            { value: difficulties[2], label: l10n.t('Hard') },
          ],
        }),
        field(['reason'], l10n.t('Why this team'), 'area', plan.reason),
        field(['finish', 'when'], l10n.t('It is done when'), 'select', plan.finish.when, {
          options: [
            { value: 'tests-pass', label: l10n.t('A candidate passes the tests') },
            { value: 'answer', label: l10n.t('A question is answered; no file changes') },
          ],
        }),
        field(['finish', 'otherwise'], l10n.t('If the tests still fail'), 'select', plan.finish.otherwise, {
          options: [
            { value: 'best', label: l10n.t('Hand over the best candidate') },
            { value: 'nothing', label: l10n.t('Hand over nothing') },
          ],
        }),
      ],
    },
    {
      title: l10n.t('Budget'),
      note: l10n.t('Kept by the runtime: a call that would break a limit is not made.'),
      fields: [
        number('calls', l10n.t('Calls')),
        number('tokens', l10n.t('Tokens')),
        number('usd', l10n.t('Money (USD)')),
        number('seconds', l10n.t('Time (seconds)')),
        number('agents', l10n.t('Agents')),
        number('depth', l10n.t('Nesting')),
      ],
    },
    {
      title: l10n.t('Ends early after'),
      note: abortSentence(abortOf(plan), l10n.t),
      fields: [
        field(['abort', 'breaches'], l10n.t('Breaches'), 'number', abortOf(plan).breaches, {
          ...{ min: 1, step: 1 },
          help: l10n.t('So often agents reached for what they may not use or write.'),
        }),
        field(['abort', 'failures'], l10n.t('Failures of one kind in a row'), 'number', abortOf(plan).failures, { min: 1, step: 1 }),
        field(['abort', 'tokens'], l10n.t('Tokens without a gain'), 'number', abortOf(plan).tokens, {
          ...{ min: 0, step: 1 },
          help: l10n.t('So many without a candidate that passes more tests than any before. 0: only the budget ends that.'),
        }),
      ],
    },
  ];
}
