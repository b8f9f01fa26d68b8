import type { StoredFile } from './state-types.ts'
import type { Compression, ExportFile } from './types.ts'

/** The ends of names of packed files. */
export const suffix: Readonly<Record<Compression, string>> = { none: '', gzip: '.gz', zstd: '.zst' }

/** Where a file of an export lies. */
export const pathOf = ({ real, root, relative }: Pick<ExportFile, 'real' | 'root' | 'relative'>): string =>
  real ?? `${root}/${relative}`

/** Path of a file's copy inside the export's bronze folder: its own name and, when it was packed on the way, how. */
export const copyOf = ({ copy, relative, compression, copyCompression }: Omit<StoredFile, 'sha256' | 'report'>): string =>
  copy ?? usualCopy({ relative, compression, copyCompression })

const usualCopy = ({
  relative,
  compression,
  copyCompression,
}: Pick<StoredFile, 'relative' | 'compression' | 'copyCompression'>): string =>
  compression === 'none' ? relative + suffix[copyCompression] : relative

/** What `StoredFile.copy` is for a copy of this name. */
export const copyNamed = (name: string, file: Pick<StoredFile, 'relative' | 'compression' | 'copyCompression'>): string | null =>
  name === usualCopy(file) ? null : name
