// The bugs that the simulation must find.
import type { PlantedBug } from './planted-bug.js';

export const plantedBugs: readonly PlantedBug[] = [];
