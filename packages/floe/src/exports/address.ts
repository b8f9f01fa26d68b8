import { type ParsedExportUrl, parseExportUrl } from '@floe/client'
import { usageError } from '../errors.ts'

/** Takes `https://ehr/fhir/Group/42/$export?_type=Patient` apart; also `/Patient`, the bare base, and each without `$export`. */
export function parseExportAddress(text: string): ParsedExportUrl {
  if (!URL.canParse(text) || !/^https?:\/\//i.test(text)) {
    throw usageError(`${text} is no address of a FHIR server`, 'floe export https://ehr.example.org/fhir/Group/42 ./export', [
      'It begins with https:// (or http://).',
    ])
  }
  const { pathname, search } = new URL(text)
  if (search !== '' && !/(\$|%24)export\/*$/i.test(pathname)) {
    throw usageError('the address has parameters but no $export', "quote it: 'https://ehr/fhir/Group/42/$export?_type=Patient'")
  }
  return parseExportUrl(text)
}
