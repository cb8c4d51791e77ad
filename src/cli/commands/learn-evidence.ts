import path from 'node:path';
import {
  type Evidence,
  evidenceFolder,
  mostOfOthers,
  othersEvidence,
  ownEvidence,
  updateTaught,
  writeEvidence,
} from '../../lessons/index.ts';
import { counted, englishNumbers } from '../../text/index.ts';
import { workspaceFolder } from '../../workspace/index.ts';
import { type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { oneLine } from '../output/text.ts';
import { dataDirOf } from '../past.ts';

/** What came of the saved teams of a workspace, by own runs and by the word of others; `--write` puts the former beside the teams. */
export const learnEvidenceCommand: CommandAction<{ workspace?: string; write?: boolean; json?: boolean }> = async (cli, _, options) => {
  const { out, err } = cli.terminal;
  const dataDir = dataDirOf(cli);
  const workspace = await workspaceFolder(path.resolve(cli.cwd, options.workspace ?? '.'));
  const { teams } = await updateTaught(dataDir, cli.clock, cli.signal);
  const own = await ownEvidence(teams, workspace);
  const others = await othersEvidence(dataDir, workspace);
  for (const problem of others.problems) err.line(`${err.paint('yellow', 'warning:')} ${oneLine(problem)}`);
  const written = options.write ? await writeEvidence(dataDir, workspace, own) : undefined;
  if (options.json) {
    printDocument(cli, 'learn-evidence', { workspace, own, others: others.rows, files: others.files, problems: others.problems, written });
    return exitCodes.done;
  }
  out.line(
    own.length === 0
      ? 'No saved team of this workspace ran here yet: run one by its name first (--team NAME).'
      : 'What your runs say of the saved teams here:',
  );
  for (const row of own) out.line(`  ${oneLine(row.name)}: ${told(row)}`);
  if (others.files > 0) {
    out.line(
      `What ${counted(others.files, 'file')} of others ${others.files === 1 ? 'says' : 'say'}, of a team that ran here at most ${mostOfOthers} runs count:`,
    );
    const names = new Map(own.map(({ team, name }) => [team, name]));
    for (const row of others.rows) out.line(`  ${oneLine(names.get(row.team) ?? row.team.slice(0, 12))}: ${told(row)}`);
  }
  if (written !== undefined)
    out.line(`Written: ${written}. It holds counts, kinds of requests, languages and names of models; commit it to share it.`);
  else if (own.length > 0)
    out.line(`Nothing of it leaves this machine; --write puts your counts into ${evidenceFolder}, for git to carry.`);
  return exitCodes.done;
};

const told = ({ kind, language, model, runs, solved, calls, tokens }: Evidence): string =>
  `${kind}, ${oneLine(language)}, ${oneLine(model)}: solved ${solved} of ${runs}, ${englishNumbers.count(Math.round(calls))} calls and ${englishNumbers.count(Math.round(tokens))} tokens each`;
