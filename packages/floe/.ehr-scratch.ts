import { startEhr } from '@floe/testkit'
const folder = process.argv[2] ?? ''
const ehr = await startEhr({ folder, port: Number(process.argv[3] ?? 0), ...(process.argv[4] ? JSON.parse(process.argv[4]) : {}) })
console.log(ehr.fhirUrl)
setInterval(() => {}, 1000)
