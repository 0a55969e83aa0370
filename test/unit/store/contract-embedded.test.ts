// The contract of the data layer on the embedded driver, in process.
import { storeContract } from '../../conformance/store/contract.js';
import { embeddedBackend } from '../../support/backends/embedded.js';

storeContract(embeddedBackend());
