/** The answer to a question: its files open beside it, everything else in it is text. */
import type { ComponentChildren } from 'preact';
import type { Block, Inline } from '../answer-types.ts';
import { say, send } from '../link.ts';

export function Answer({ answer }: { readonly answer: readonly Block[] }) {
  return (
    <section class="reply" aria-label={say('theAnswer')}>
      <Blocks blocks={answer} />
    </section>
  );
}

function Blocks({ blocks }: { readonly blocks: readonly Block[] }) {
  return blocks.map((block, index) => <BlockPart key={index} block={block} />);
}

function BlockPart({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case 'paragraph':
      return (
        <p>
          <Inlines parts={block.inside} />
        </p>
      );
    case 'heading': {
      const Heading = `h${block.level}` as 'h2';
      return (
        <Heading>
          <Inlines parts={block.inside} />
        </Heading>
      );
    }
    case 'code':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case 'quote':
      return (
        <blockquote>
          <Blocks blocks={block.blocks} />
        </blockquote>
      );
    case 'list': {
      const items = block.items.map((item, index) => (
        <li key={index}>
          <Blocks blocks={item} />
        </li>
      ));
      return block.start === undefined ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
    }
    case 'table':
      return <Table rows={block.rows} />;
    case 'rule':
      return <hr />;
  }
}

function Table({ rows: [head = [], ...rows] }: { readonly rows: readonly (readonly (readonly Inline[])[])[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div class="reply-table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((cell, index) => (
              <th key={index} scope="col">
                <Inlines parts={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column}>
                  <Inlines parts={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Inlines({ parts }: { readonly parts: readonly Inline[] }): ComponentChildren {
  return parts.map((part, index) => <InlinePart key={index} part={part} />);
}

function InlinePart({ part }: { readonly part: Inline }) {
  switch (part.kind) {
    case 'text':
      return <>{part.text}</>;
    case 'code':
      return <code>{part.text}</code>;
    case 'strong':
      return (
        <strong>
          <Inlines parts={part.inside} />
        </strong>
      );
    case 'emphasis':
      return (
        <em>
          <Inlines parts={part.inside} />
        </em>
      );
    case 'struck':
      return (
        <s>
          <Inlines parts={part.inside} />
        </s>
      );
    case 'break':
      return <br />;
    case 'file': {
      const { path, line, endLine, text } = part;
      const place = line === undefined ? path : `${path}:${line}${endLine === undefined ? '' : `–${endLine}`}`;
      return (
        <button
          type="button"
          class={text.includes(path.split('/').at(-1) ?? path) ? 'link file' : 'link'}
          title={place}
          onClick={() => send({ type: 'open-place', path, line, endLine })}
        >
          {text}
        </button>
      );
    }
    case 'web':
      return (
        <a href={part.address} title={part.address} rel="noreferrer">
          <Inlines parts={part.inside} />
        </a>
      );
  }
}
