/**
 * OpenAI's reinforcement fine-tuning: items, and a grader as JSON. Their graders run in a closed box that cannot execute a team; so the Python
 * grader checks the form of the answer and how near it comes to the best team known for the question. (`grpo` has the real reward.)
 */
import { sketchStepNames } from '../../design/index.ts';
import { stepKindNamed } from '../../plan/index.ts';
import { bestOf, meanReward, scoreOf, triedTeams } from './teams.ts';
import type { ExportFormat, TrainingMessage } from './types.ts';

export const openaiRft: ExportFormat = {
  name: 'openai-rft',
  title: (t) => t("OpenAI's reinforcement fine-tuning: items and a grader"),
  needs: 'a run whose plan solved the request',
  loading:
    'Upload `train.jsonl` (and `validation.jsonl`) with purpose `fine-tune`, and give `grader.json` as `method.reinforcement.grader`. OpenAI takes no new self-serve fine-tuning jobs from 2027-01-06.',
  samples: async function* (records) {
    for (const { question, teams } of await triedTeams(records)) {
      const best = bestOf(teams);
      if (best === undefined) continue;
      yield {
        from: best.from,
        texts: { messages: question.map(forDeveloper), reference: best.answer },
        facts: { reference_reward: scoreOf(meanReward(best)) },
      };
    }
  },
  files: {
    'grader.json': `${JSON.stringify({ type: 'python', name: 'team', image_tag: '2025-05-08', source: graderSource() }, null, 2)}\n`,
  },
};

/** Reasoning models are told by the developer, not by the system. */
const forDeveloper = (message: TrainingMessage): TrainingMessage =>
  message.role === 'system' ? { ...message, role: 'developer' } : message;

function graderSource(): string {
  const listed = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');
  const askNobody = sketchStepNames.filter((kind) => stepKindNamed(kind)?.outputs.length === 0);
  return `import json
from difflib import SequenceMatcher

KINDS = {${listed(sketchStepNames)}}


def team(text):
    text = text.rsplit("</think>", 1)[-1]
    start, end = text.find("{"), text.rfind("}")
    try:
        value = json.loads(text[start : end + 1])
        agents = {agent["name"] for agent in value["agents"]}
        steps = [(step["do"], step.get("samples") or 1) for step in value["steps"]]
        asks = [step.get("agent") for step in value["steps"] if step["do"] not in (${listed(askNobody)})]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    valid = value.get("difficulty") in ("easy", "medium", "hard") and 0 < len(agents) <= 6 and 0 < len(steps) <= 10
    if not valid or any(kind not in KINDS for kind, _ in steps) or any(name not in agents for name in asks):
        return None
    return steps


def grade(sample, item):
    steps = team(sample.get("output_text") or "")
    if steps is None:
        return 0.0
    known = team(item["reference"]) or []
    likeness = SequenceMatcher(None, steps, known).ratio()
    return 0.2 + 0.8 * likeness * float(item["reference_reward"])
`;
}
