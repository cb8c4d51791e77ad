/**
 * How much redaction finds, and how much it takes that is none. `npm run bench -- redaction`: recall by kind on planted secrets, the kinds it
 * cannot know, false findings in clean code, and speed. Everything is drawn from one seed, so the figures come out the same again.
 */
import { measureElsewhere, measureHard, measurePrecision, measureRecall, measureSecretlint } from '../support/redaction-measure.ts';

const seed = 20261125;
const perKind = 20;
const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
const line = (text: string): void => void process.stdout.write(`${text}\n`);

const recall = await measureRecall(seed, perKind);
const elsewhere = await measureElsewhere(seed, 12);
const secretlint = await measureSecretlint(seed, perKind);
const hard = await measureHard(seed, perKind);
const precision = await measurePrecision(seed, 4);

line(`| kind | planted | found |\n| --- | ---: | ---: |`);
for (const { kind, planted, found } of recall.kinds) line(`| ${kind} | ${planted} | ${share(found, planted)} |`);
line(`| **all ${recall.kinds.length} kinds** | ${recall.planted} | **${share(recall.found, recall.planted)}** |`);
for (const { kind, place, text } of recall.missed) line(`missed: ${kind} in ${place}: ${JSON.stringify(text.slice(0, 160))}`);
line(`secretlint alone finds ${share(secretlint.found, secretlint.planted)} of these.`);
line(
  `\nIn ${elsewhere.kinds.length} other languages and file forms: ${share(elsewhere.found, elsewhere.planted)} of ${elsewhere.planted}.`,
);
for (const { place, text } of elsewhere.missed) line(`missed: ${place}: ${JSON.stringify(text.slice(0, 160))}`);
line(`\n| beyond any pattern | planted | found |\n| --- | ---: | ---: |`);
for (const { kind, planted, found } of hard.kinds) line(`| ${kind} | ${planted} | ${share(found, planted)} |`);
line(
  `\nClean code: ${precision.files} files, ${(precision.characters / 1e6).toFixed(1)} MB, ${precision.falseSecrets} false secrets ` +
    `(${precision.falsePer100kB.toFixed(3)} per 100 kB), ${precision.names} addresses and paths.`,
);
for (const { file, kinds } of precision.findings) line(`false: ${file}: ${kinds.join(', ')}`);
line(`Precision with secrets planted in clean code: ${(100 * precision.precision).toFixed(2)} %.`);
line(`Speed: ${(precision.characters / 1e6 / (precision.milliseconds / 1000)).toFixed(1)} MB/s.`);
line(
  JSON.stringify({
    recall: recall.found / recall.planted,
    planted: recall.planted,
    kinds: recall.kinds.length,
    elsewhere: elsewhere.found / elsewhere.planted,
    secretlintAlone: secretlint.found / secretlint.planted,
    hard: hard.found / hard.planted,
    falsePer100kB: precision.falsePer100kB,
    precision: precision.precision,
  }),
);
