/** A plan as a Mermaid flowchart. Every character of a label that Mermaid could read as syntax is written as its number. */
import { type GraphNode, planGraph } from './graph.ts';
import type { Plan } from './schema.ts';

/** `flowchart TD` text: solid arrows for order, dotted ones for notes; groups and loops are boxes. */
export function renderMermaid(plan: Plan): string {
  const graph = planGraph(plan);
  const names = new Map(graph.nodes.map((node, index) => [node.id, `n${index}`]));
  const lines = ['flowchart TD'];
  const draw = (parent: string | undefined, indent: string): void => {
    for (const node of graph.nodes.filter((candidate) => candidate.parent === parent)) {
      const name = names.get(node.id) ?? '';
      lines.push(`${indent}${name}${shape(node)}`);
      if (!graph.nodes.some((child) => child.parent === node.id)) continue;
      lines.push(`${indent}subgraph ${name}inside[" "]`);
      draw(node.id, `${indent}  `);
      lines.push(`${indent}end`);
    }
  };
  draw(undefined, '  ');
  for (const edge of graph.edges) {
    if (edge.kind === 'candidate') continue;
    const arrow = edge.kind === 'note' ? '-.->' : '-->';
    const label = edge.kind === 'note' ? '|note|' : edge.label === undefined ? '' : `|${escapeLabel(edge.label)}|`;
    lines.push(`  ${names.get(edge.from)} ${arrow}${label} ${names.get(edge.to)}`);
  }
  return `${lines.join('\n')}\n`;
}

function shape(node: GraphNode): string {
  const [open, close] = brackets[node.shape];
  return `${open}"${[node.step, node.label].map(escapeLabel).join('<br/>')}"${close}`;
}

const brackets: Readonly<Record<GraphNode['shape'], readonly [string, string]>> = {
  agent: ['(', ')'],
  tool: ['[', ']'],
  choice: ['{', '}'],
  frame: ['([', '])'],
};

/** Letters, digits, spaces and a few harmless marks stay; all else becomes `#code;`. */
export function escapeLabel(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,×·_-]/gu, (character) => `#${character.codePointAt(0)};`);
}
