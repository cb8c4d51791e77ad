/**
 * Questions for reinforcement learning of the designer, with the rewards known so far and a grader that executes a team and returns its reward
 * (`systems.md` 12). The grader asks `teamwright grade`, which starts from the recorded files of the run.
 */
import { meanReward, type TriedTeam, triedTeams } from './teams.ts';
import type { ExportFormat } from './types.ts';

export const grpo: ExportFormat = {
  name: 'grpo',
  title: (t) => t('questions with rewards and a runnable grader, for reinforcement learning (GRPO)'),
  needs: 'a run whose plan was executed and judged',
  loading:
    'Prompt only (`prompt`) with further columns for the reward function: `GRPOTrainer` of TRL. `grader.py` reads `{"row": …, "completion": "…"}` from standard input and prints `{"reward": …}`; it needs `teamwright` on this machine, with the runs that were exported.',
  samples: async function* (records) {
    for (const { question, teams, invalid } of await triedTeams(records)) {
      const [best] = [...teams].sort((a, b) => meanReward(b) - meanReward(a));
      if (best === undefined) continue;
      const known = [...teams.map(withReward), ...invalid.map(({ answer }) => ({ answer, reward: -1 }))];
      yield {
        from: best.from,
        texts: { prompt: question, known_completions: known.map(({ answer }) => answer) },
        facts: { known_rewards: known.map(({ reward }) => reward), best_reward: meanReward(best) },
      };
    }
  },
  files: { 'grader.py': graderProgram() },
};

const withReward = (team: TriedTeam) => ({ answer: team.answer, reward: meanReward(team) });

function graderProgram(): string {
  return `#!/usr/bin/env python3
"""Executes the team in a completion on the request of the row's run, and prints the reward.

Input (standard input): {"row": {"run_id": "..."}, "completion": "<think>...</think> {...}"}
Output: one line of JSON with "reward" and its raw terms. An answer that is no plan gets -1.
Ends with an error when a plan could not be executed for another reason: a reward made up would teach something false.

TEAMWRIGHT names the program (default: teamwright), TEAMWRIGHT_GRADE_OPTIONS what is added to its command line,
for example: --model my-worker@http://127.0.0.1:8000/v1 --budget tokens=8000
"""
import json
import os
import shlex
import subprocess
import sys


def grade(run_id, completion):
    command = [
        *shlex.split(os.environ.get("TEAMWRIGHT", "teamwright")),
        "grade",
        run_id,
        "--json",
        *shlex.split(os.environ.get("TEAMWRIGHT_GRADE_OPTIONS", "")),
    ]
    done = subprocess.run(command, input=completion, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"teamwright grade {run_id} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout)


def reward(prompts, completions, run_id, **_):
    """For GRPOTrainer(reward_funcs=[reward])."""
    texts = [completion if isinstance(completion, str) else completion[-1]["content"] for completion in completions]
    return [float(grade(run, text)["reward"]) for run, text in zip(run_id, texts)]


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps(grade(given["row"]["run_id"], given["completion"])))
`;
}
