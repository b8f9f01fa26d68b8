export { tokenMark } from './ehr/auth.ts'
export { startEhr } from './ehr/ehr.ts'
export type { Fault, FaultAction, FaultPlan, Issue, Manifest, ManifestItem, Route } from './ehr/faults.ts'
export { signatureMark } from './ehr/provider.ts'
export { type SpawnedEhr, spawnEhr } from './ehr/spawn.ts'
export type { Ehr, EhrAuth, EhrClient, EhrOptions, RequestRecord } from './ehr/types.ts'
export { SynthesisError } from './population/errors.ts'
export type {
  SynthesizedExport,
  SynthesizeOptions,
  SynthesizeProgress,
  SynthesizeReceipt,
} from './population/options.ts'
export { synthesize } from './population/synthesize.ts'
