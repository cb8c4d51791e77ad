/** Before tests that start the command line: the bundles as users have them, anew when a source is newer. They start in half the time of the sources. */
import { bootstrap } from '../../scripts/bootstrap.mjs';

export default function setup(): void {
  bootstrap();
}
