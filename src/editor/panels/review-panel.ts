/** The tab of one plan review: the session behind it, the page in front of it, and the answer that goes to the run. */
import type * as vscode from 'vscode';
import type { Briefing } from '../../briefing/types.ts';
import { teamFor } from '../../design/index.ts';
import { isTeamwrightError } from '../../errors.ts';
import { testReportSchema } from '../../feedback/types.ts';
import { type Plan, parsePlan, planHash } from '../../plan/index.ts';
import type { Proposal } from '../../run/types.ts';
import type { RunState } from '../../trace/index.ts';
import type { Command } from '../../webviews/messages-types.ts';
import type { NoticeModel, PlanModel } from '../../webviews/plan-types.ts';
import { tellAll } from '../failure-table.ts';
import type { EditorHost, PanelsPorts, RunHandle } from '../flow-types.ts';
import { followRun } from './follow-run.ts';
import { hostPage, type PageHost } from './page-host.ts';
import { parentNameOf } from './parent-run.ts';
import { beforeView, bestSoFar } from './plan-before.ts';
import type { PlanDocuments } from './plan-documents.ts';
import { applyEdit } from './plan-edits.ts';
import { renamedTeam } from './plan-name.ts';
import { createPlanSession, type PlanSession } from './plan-session.ts';
import { emptyPlanView, planView, soloInstead } from './plan-view.ts';
import { textWordsIn } from './problem-words.ts';
import { endWords } from './run-view.ts';
import { type ReadTeam, readSavedTeams } from './saved-teams-view.ts';
import { markTab } from './tab-mark.ts';
import type { Speech } from './words.ts';
import { openWorkspaceFile, saveTeam } from './workspace-files.ts';

export interface ReviewPanelPorts {
  readonly host: EditorHost;
  readonly runs: PanelsPorts['runs'];
  readonly documents: PlanDocuments;
  readonly showRun: (handle: RunHandle, column: vscode.ViewColumn | undefined) => Promise<void>;
  readonly resume: (handle: RunHandle) => Promise<void>;
}

/** How long a plan that was put on record may take until it waits for an answer, ms between looks. */
const lookAgain = 150;

export function openReviewPanel(panel: vscode.WebviewPanel, handle: RunHandle, ports: ReviewPanelPorts): PageHost {
  const { host } = ports;
  const { l10n } = host.vscode;
  const speech: Speech = { l10n, locale: host.vscode.env.language };
  const disposables: vscode.Disposable[] = [];
  let session: PlanSession | undefined;
  let notice: NoticeModel | undefined;
  let past: { hash: string; plan: Plan; briefing: Briefing | undefined } | undefined;
  let before: { hash: string; view: PlanModel['before'] } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let former: Plan | undefined;
  let saved: Promise<readonly ReadTeam[]> | undefined;
  const parentName = parentNameOf(handle, ports.runs);
  let ended = false;
  const approved = (): boolean => handle.state().plans.at(-1)?.approval === 'approved';
  let awaited = !approved();

  const say = (kind: NoticeModel['kind'], text: string): void => {
    notice = { kind, text };
    page.refresh();
  };

  /** The session belongs to the proposal that waits now; another proposal gets another session. */
  const follow = (): void => {
    const proposal = handle.proposal();
    if (proposal && session?.proposal !== proposal) {
      if (session) notice = { kind: 'info', text: l10n.t('Here is another plan.') };
      former = session?.proposal.plan;
      saved = readSavedTeams(proposal.workspace);
      const next = createPlanSession(handle.runId, proposal, handle.state().start?.request.text ?? '');
      next.onDidChange((origin) => {
        // What was said of the plan before it changed holds no more.
        if (origin !== 'text' || next.brokenText === undefined) notice = undefined;
        page.refresh();
      });
      session = next;
      ports.documents.follow(next);
    }
    if (!proposal && handle.live && !ended && handle.state().plans.at(-1)?.approval === 'open') {
      clearTimeout(timer);
      timer = setTimeout(page.refresh, lookAgain);
    }
  };

  const phase = (): PlanModel['phase'] => {
    if (handle.proposal()) return 'waiting';
    const { result, plans } = handle.state();
    const approval = plans.at(-1)?.approval ?? 'open';
    if (handle.live && result === undefined) return approval === 'approved' ? 'answered' : 'designing';
    if (approval !== 'open') return 'answered';
    return result === undefined ? 'past' : 'ended';
  };

  /** Read once for each proposal: nothing runs while one waits. */
  const leftBefore = async (proposal: Proposal): Promise<PlanModel['before']> => {
    const { hash, failure } = proposal;
    if (failure === undefined) return undefined;
    if (before?.hash !== hash) before = { hash, view: await readBefore(handle, failure, speech) };
    return before.view;
  };

  const mayFollow = ({ round }: Proposal): boolean => {
    const replans = handle.state().start?.settings?.replans;
    return round < (typeof replans === 'number' ? replans : 0);
  };

  const model = async (): Promise<PlanModel> => {
    follow();
    const state = handle.state();
    markTab(host.vscode, panel, { kind: 'review', runId: handle.runId, state, ownerAlive: handle.live });
    const request = state.start?.request ?? { text: handle.runId, files: [] };
    const models = { worker: state.start?.models.worker?.model ?? '', strong: state.start?.models.strong?.model ?? '' };
    const parent = await parentName();
    const common = {
      runId: handle.runId,
      request,
      ...(parent !== undefined && { parent }),
      phase: phase(),
      models,
      ...(shownNotice() && { notice: shownNotice() }),
    };
    if (session) {
      const { proposal } = session;
      const left = await leftBefore(proposal);
      return planView(
        {
          ...common,
          draft: session.draft,
          valid: session.valid,
          hash: session.hash,
          proposed: proposal,
          ...(left && { before: left }),
          mayFollow: mayFollow(proposal),
          approvable: session.approvable(),
          problems: session.problems,
          estimate: session.analysis.estimate,
          steps: session.analysis.steps,
          alternatives: proposal.alternatives,
          saved: (await saved) ?? [],
          price: proposal.price,
          ...(former && { former }),
          briefing: proposal.briefing,
          start: handle.state().start,
        },
        speech,
      );
    }
    const recorded = state.plans.at(-1);
    if (!recorded) return emptyPlanView(common, speech);
    past = past?.hash === recorded.hash ? past : await readPast(handle, recorded);
    if (!past) return emptyPlanView(common, speech);
    return planView(
      {
        ...common,
        draft: past.plan,
        valid: past.plan,
        hash: recorded.hash,
        proposed: {
          plan: past.plan,
          origin: recorded.origin,
          reason: recorded.reason,
          ...(recorded.expectation && { expectation: recorded.expectation }),
        },
        mayFollow: false,
        approvable: false,
        problems: [],
        estimate: recorded.estimate,
        steps: [],
        alternatives: [],
        ...(past.briefing && { briefing: past.briefing }),
        start: handle.state().start,
      },
      speech,
    );
  };

  const shownNotice = (): NoticeModel | undefined => {
    // Whatever was said of the plan while it waited holds no more.
    const { result } = handle.state();
    if (result?.failure !== undefined || phase() === 'ended') return endNotice(handle.state(), speech);
    const broken = session?.brokenText?.[0];
    if (!broken) return notice;
    const where = broken.line === undefined ? '' : l10n.t(' (line {0})', broken.line);
    return {
      kind: 'warning',
      text: l10n.t(
        'The YAML text cannot be read as a plan{0}: {1} The form shows the last plan that could be read.',
        where,
        broken.say(textWordsIn(l10n)),
      ),
    };
  };

  const waiting = (): PlanSession => {
    if (!session || handle.proposal() !== session.proposal) throw staleNow();
    ports.documents.settle(session);
    return session;
  };
  const staleNow = (): Stale => new Stale(l10n.t('This plan does not wait for an answer any more.'));

  const approve = async (hash: string): Promise<void> => {
    const open = waiting();
    if (hash !== open.hash) {
      say(
        'error',
        l10n.t(
          'Not approved: the plan has changed since it was shown ({0}, now {1}). Look at it as it is now and approve that.',
          hash.slice(0, 8),
          open.hash.slice(0, 8),
        ),
      );
      return;
    }
    if (!open.approvable()) {
      say('error', l10n.t('Not approved: the plan has problems that keep it from running.'));
      return;
    }
    handle.approve(hash, hash === open.proposal.hash ? undefined : open.valid);
    await ports.showRun(handle, panel.viewColumn);
    panel.dispose();
  };

  /** A run whose plan is declined ends with what the plans before it made. */
  const decline = async (comment: string | undefined): Promise<void> => {
    waiting();
    handle.decline(comment);
    await ports.showRun(handle, panel.viewColumn);
    panel.dispose();
  };

  /** Another team of the library, within the limits that were proposed. */
  const putInstead = (kind: 'tests-only' | 'question'): void => {
    const { plan } = waiting().proposal;
    waiting().change({ ...teamFor(kind, plan.difficulty), budget: plan.budget }, 'team');
  };

  const command = async (given: Exclude<Command, { type: 'ready' }>): Promise<void> => {
    switch (given.type) {
      case 'edit': {
        const { draft, edited } = waiting();
        return waiting().change(renamedTeam(applyEdit(draft, given.edit), { edited, edit: given.edit, l10n }), 'form');
      }
      case 'take-alternative': {
        const other = waiting().alternative(given.hash);
        if (other) waiting().change(other.plan, 'team');
        return;
      }
      case 'take-saved': {
        const team = (await saved)?.find(({ name }) => name === given.name);
        if (team?.plan) waiting().change(team.plan, 'team');
        return;
      }
      case 'make-solo':
        return waiting().change(soloInstead(waiting().proposal.plan), 'team');
      case 'write-tests-first':
        return putInstead('tests-only');
      case 'just-answer':
        return putInstead('question');
      case 'reset-plan':
        return waiting().change(waiting().proposal.plan, 'team');
      case 'approve':
        return approve(given.hash);
      case 'decline':
        return decline(given.comment === '' ? undefined : given.comment);
      case 'keep-what-there-is':
        return decline(undefined);
      case 'redesign':
        waiting();
        handle.redesign(given.comment);
        return say('info', l10n.t('Another plan is being designed.'));
      case 'edit-as-yaml':
        if (session) return ports.documents.show(session);
        if (past) return ports.documents.showRecorded(past.plan);
        return;
      case 'save-team': {
        const open = waiting();
        const file = await saveTeam(host, handle, open.valid);
        if (file === undefined) return;
        saved = readSavedTeams(open.proposal.workspace);
        return say('info', l10n.t('Saved as {0}. The next plans of this folder offer it, and so does the command line.', file));
      }
      case 'open-run':
        return ports.showRun(handle, panel.viewColumn);
      case 'open-file':
        return openWorkspaceFile(host, handle, given.path);
      case 'resume':
        return ports.resume(handle);
      default:
        host.log.warn(`The plan review does not know "${given.type}".`);
    }
  };

  const page: PageHost = hostPage(host, panel, {
    page: 'plan',
    runId: handle.runId,
    model,
    command: async (given) => {
      try {
        await command(given);
      } catch (error) {
        // What concerns the plan on screen is said there.
        if (error instanceof Stale) say('warning', error.message);
        else if (isTeamwrightError(error, 'approval-stale')) say('error', tellAll(host.vscode, error));
        else throw error;
      }
    },
  });
  /** A plan that nobody is asked about (a resumed run approved it before) leaves its place to the run. */
  const giveWay = async (): Promise<void> => {
    if (!awaited || session || !handle.live || !approved()) return;
    awaited = false;
    await ports.showRun(handle, panel.viewColumn);
    panel.dispose();
  };
  disposables.push(
    followRun(panel, handle, () => {
      page.refresh();
      giveWay().catch(host.showFailure);
    }),
  );
  page.onDidDispose(() => {
    ended = true;
    clearTimeout(timer);
    for (const each of disposables) each.dispose();
    if (session) ports.documents.forget(session);
  });
  return page;
}

/** How the run of the plan ended. */
const endNotice = (state: RunState, speech: Speech): NoticeModel => ({
  kind: state.result?.failure === undefined || state.result.outcome === 'stopped' ? 'info' : 'error',
  text: endWords(state, speech).join(' '),
});

/** The page asked something of a plan that is not open any more. */
class Stale extends Error {}

async function readBefore(handle: RunHandle, failure: string, speech: Speech): Promise<PlanModel['before']> {
  const state = handle.state();
  const ran = state.plans.findLast(({ approval }) => approval === 'approved');
  const plan = ran && parsePlan(await handle.readBlob(ran.plan)).plan;
  const tested = bestSoFar(state)?.test;
  const report = tested && testReportSchema.parse(JSON.parse(await handle.readBlob(tested.report)));
  return beforeView({ state, report, keeps: plan?.finish.otherwise !== 'nothing', failure }, speech);
}

async function readPast(
  handle: RunHandle,
  recorded: { readonly hash: string; readonly plan: string },
): Promise<{ hash: string; plan: Plan; briefing: Briefing | undefined } | undefined> {
  const parsed = parsePlan(await handle.readBlob(recorded.plan));
  if (!parsed.plan) return undefined;
  const { briefing } = handle.state();
  return {
    hash: planHash(parsed.plan),
    plan: parsed.plan,
    briefing: briefing && (JSON.parse(await handle.readBlob(briefing.briefing)) as Briefing),
  };
}
