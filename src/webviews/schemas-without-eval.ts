/** Imported before any schema is made: zod compiles schemas to code where it may, and here that is forbidden, and rightly so. */
import * as z from 'zod';

z.config({ jitless: true });
