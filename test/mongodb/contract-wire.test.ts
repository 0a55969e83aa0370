// The contract of the data layer: the real mongodb driver on the embedded store's wire server.
import { storeContract } from '../conformance/store/contract.js';
import { wireBackend } from '../support/backends/wire.js';

storeContract(wireBackend());
