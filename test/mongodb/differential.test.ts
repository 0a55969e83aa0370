// The embedded store against a reference, and the wire server against the driver in process, on random operations.
import { offFor } from '../conformance/store/deviations.js';
import { differential } from '../conformance/store/differential.js';
import { embeddedBackend } from '../support/backends/embedded.js';
import { javaBackend } from '../support/backends/java.js';
import { mongodbBackend } from '../support/backends/mongodb.js';
import { wireBackend } from '../support/backends/wire.js';

differential({ subject: embeddedBackend(), reference: wireBackend(), off: new Set(), rounds: 40 });
differential({ subject: embeddedBackend(), reference: javaBackend(), off: offFor('java'), rounds: 120 });
differential({
  subject: embeddedBackend(),
  reference: mongodbBackend(),
  off: offFor('mongodb'),
  rounds: 120,
});
