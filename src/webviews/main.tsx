/** The entry of all pages: which one it is, the host says. */
import './schemas-without-eval.ts';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-textarea/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { DashboardPage } from './dashboard/dashboard-page.tsx';
import { container, listen, say, send } from './link.ts';
import type { PageModel } from './messages-types.ts';
import { PlanPage } from './plan/plan-page.tsx';
import { RunPage } from './run/run-page.tsx';
import { addStream, type Streams } from './run/streams.ts';
import './styles/pages.css';

function Page() {
  const [model, setModel] = useState<PageModel>();
  const [streams, setStreams] = useState<Streams>({});
  useEffect(() => {
    const end = listen((message) => {
      if (message.type === 'model') setModel(message.model);
      else setStreams((before) => addStream(before, message.parts));
    });
    send({ type: 'ready' });
    return end;
  }, []);
  if (!model)
    return (
      <main class="page">
        <p role="status">{say('loading')}</p>
      </main>
    );
  switch (model.page) {
    case 'plan':
      return <PlanPage model={model} />;
    case 'run':
      return <RunPage model={model} streams={streams} />;
    case 'dashboard':
      return <DashboardPage model={model} />;
  }
}

render(<Page />, container);
