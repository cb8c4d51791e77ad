/** Unpacks Chromium into the folder for temporary files (`TMPDIR`), a program of its own because the place is read from the environment. */
import chromium from '@sparticuz/chromium';

console.log(await chromium.executablePath());
