export { SynthesisError } from './population/errors.ts'
export {
  type SynthesizedExport,
  type SynthesizeOptions,
  type SynthesizeProgress,
  type SynthesizeReceipt,
  synthesize,
} from './population/synthesize.ts'
