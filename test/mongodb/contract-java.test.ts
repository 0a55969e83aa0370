// The contract of the data layer on mongo-java-server, driven by the real mongodb driver: a second opinion on CRUD.
import { storeContract } from '../conformance/store/contract.js';
import { javaBackend } from '../support/backends/java.js';

storeContract(javaBackend());
