// The contract of the data layer on the MongoDB that MONGODB_URI names.
import { storeContract } from '../conformance/store/contract.js';
import { mongodbBackend } from '../support/backends/mongodb.js';

storeContract(mongodbBackend());
