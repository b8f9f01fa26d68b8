export { LakeError } from './errors.ts'
export type * from './types.ts'
