package artificial

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// catalogue has one line for each column or series of columns of the published
// layout, in its order: name, title, type, what else is known of it, and the
// values that stand for "not known" or "not applicable". A name with a range
// ("DIAG_3_01-20") is a series.
//
// Sensitive are the columns for which an applicant must say why a coarser one
// would not do. Identifying are those that only the identifiable product has: a
// pseudonym is no name unless the recipient can link it.
const catalogue = `
FYEAR                     | Financial year                                                | string
PARTYEAR                  | Year and extract number                                       | integer
EPIKEY                    | Record identifier                                             | string
AEKEY                     | Record identifier of the A&E attendance                       | string
PSEUDO_HESID              | Pseudonymised patient identifier                              | string
ADMIDATE                  | Admission date                                                | date
ADMIMETH                  | Method of admission                                           | string  |           | 98 99
ADMINCAT                  | Administrative category on admission                          | string  |           | 98 99
ADMINCATST                | Administrative category at start of episode                   | string  |           | 98 99
ADMISORC                  | Source of admission                                           | string  |           | 98 99
ALCDIAG_4                 | Principal alcohol related diagnosis, 4 characters             | string
ALCFRAC                   | Principal alcohol related fraction                            | number
AT_GP_PRACTICE            | Area team of GP practice                                      | string  |           | Y
AT_RESIDENCE              | Area team of residence                                        | string  |           | Y
AT_TREATMENT              | Area team of treatment                                        | string  |           | Y
CANNET                    | Cancer network of residence                                   | string  |           | Y99
CANREG                    | Cancer registry of residence                                  | string  |           | Y9999
CAUSE_3                   | External cause, 3 characters                                  | string
CAUSE_4                   | External cause, 4 characters                                  | string
CCG_GP_PRACTICE           | Clinical commissioning group of GP practice                   | string  |           | 59999
CCG_RESIDENCE             | Clinical commissioning group of residence                     | string  |           | 59898 59999
CCG_RESPONSIBILITY        | Clinical commissioning group of responsibility                | string  |           | 59999
CCG_RESPONSIBILITY_ORIGIN | What CCG_RESPONSIBILITY is derived from                       | string  |           | 9
CCG_TREATMENT             | Clinical commissioning group of treatment                     | string  |           | 59999
CCG_TREATMENT_ORIGIN      | What CCG_TREATMENT is derived from                            | string  |           | 9
CLASSPAT                  | Patient classification                                        | string  |           | 8 9
CR_GP_PRACTICE            | Commissioning region of GP practice                           | string  |           | Y
CR_RESIDENCE              | Commissioning region of residence                             | string  |           | Y
CR_TREATMENT              | Commissioning region of treatment                             | string  |           | Y
DIAG_3_01-20              | Diagnosis %d, ICD-10, 3 characters                            | string  |           | - R69
DIAG_3_CONCAT             | All diagnoses, 3 characters, with commas between              | string
DIAG_4_01-20              | Diagnosis %d, ICD-10, 4 characters                            | string  |           | - R69X
DIAG_4_CONCAT             | All diagnoses, 4 characters, with commas between              | string
DIAG_COUNT                | Number of diagnoses                                           | number
DISDATE                   | Discharge date                                                | date
DISDEST                   | Destination on discharge                                      | string  |           | 98 99
DISMETH                   | Method of discharge                                           | string  |           | 8 9
ELECDATE                  | Date of decision to admit                                     | date
ELECDUR                   | Wait for admission in days, as submitted                      | integer |           | 9998 9999
ELECDUR_CALC              | Wait for admission in days, as calculated                     | integer
EPIDUR                    | Length of episode in days                                     | integer
EPIEND                    | End of episode                                                | date
EPIORDER                  | Number of the episode in its spell                            | integer |           | 98 99
EPISTART                  | Start of episode                                              | date
EPISTAT                   | Status of episode: 1 unfinished, 3 finished                   | integer
EPITYPE                   | Type of episode: 1 general, 2 delivery, 3 birth               | integer
ETHNOS                    | Ethnic category                                               | string  | sensitive | 9 99 X Z
FAE                       | Counts as a finished admission episode                        | integer
FAE_EMERGENCY             | Counts as a finished emergency admission episode              | integer
FCE                       | Counts as a finished consultant episode                       | integer
FDE                       | Counts as a finished discharge episode                        | integer
GORTREAT                  | Government office region of treatment                         | string  |           | Y
GPPRAC                    | GP practice                                                   | string  |           | & V81997 V81998 V81999
MAINSPEF                  | Main specialty                                                | string  |           | & 199
MYDOB                     | Month and year of birth, MMYYYY                               | string  | sensitive
NEODUR                    | Age of a baby in days                                         | number
OPERTN_3_01-24            | Procedure %d, OPCS-4, 3 characters                            | string  |           | - -__ &
OPERTN_3_CONCAT           | All procedures, 3 characters, with commas between             | string  |           | - -__ &
OPERTN_4_01-24            | Procedure %d, OPCS-4, 4 characters                            | string  |           | - -___ & X997 X998 X999
OPERTN_4_CONCAT           | All procedures, 4 characters, with commas between             | string  |           | - -___ &
OPERTN_COUNT              | Number of procedures                                          | number
PCON                      | Parliamentary constituency of residence                       | string  |           | Y
PCON_ONS                  | Parliamentary constituency of residence, ONS code             | string
PCTCODE_HIS               | Primary care trust of responsibility                          | string  |           | 59898 59999
PCTORIG_HIS               | What PCTCODE_HIS is derived from                              | string  |           | 9
PCTTREAT                  | Primary care trust of provider                                | string  |           | 59898 59999
PROCODE3                  | Provider, 3 characters                                        | string
PROCODE5                  | Provider, 5 characters                                        | string  |           | 89997 89999
PROCODET                  | Provider of treatment                                         | string  |           | 89997 89999
PURCODE                   | Commissioner                                                  | string
RANK_ORDER                | Quality of the link, 1 strong to 4 poor                       | integer
RESCTY                    | County of residence                                           | string  |           | Y
RESCTY_ONS                | County of residence, ONS code                                 | string
RESGOR                    | Government office region of residence                         | string  |           | Y
RESGOR_ONS                | Government office region of residence, ONS code               | string
RESLADST                  | Local authority district of residence                         | string  |           | Y
RESLADST_ONS              | Local authority district of residence, ONS code               | string
RESPCT_HIS                | Primary care trust of residence                               | string  |           | 59898 59999
RESSTHA_HIS               | Strategic health authority of residence                       | string  |           | Y
SEX                       | Sex: 1 male, 2 female, 9 not specified, 0 not known           | string  |           | 0
SITETRET                  | Site of treatment                                             | string  |           | 89999
LSOA01                    | Lower super output area of residence, 2001                    | string  |           | Z99999999
MSOA01                    | Middle super output area of residence, 2001                   | string  |           | Z99999999
SPELBGIN                  | First episode of its spell                                    | integer
SPELDUR                   | Length of spell in days                                       | integer
SPELDUR_CALC              | Length of spell in days, as calculated                        | integer
SPELEND                   | Last episode of its spell: Y or N                             | string
STARTAGE                  | Age at start of episode, years; 7001 to 7007: under one year  | integer
STARTAGE_CALC             | Age at start of episode, years with decimals                  | number
STHATRET                  | Strategic health authority of treatment                       | string  |           | Y
SUSHRG                    | Healthcare resource group                                     | string
SUSRECID                  | Record identifier of the Secondary Uses Service               | string
TRETSPEF                  | Treatment specialty                                           | string  |           | & 199
LSOA11                    | Lower super output area of residence, 2011                    | string  |           | Z99999999
MSOA11                    | Middle super output area of residence, 2011                   | string  |           | Z99999999
WAITLIST                  | Admitted from a waiting list                                  | integer
ALCNRWFRAC                | Alcohol attributable fraction, narrow definition              | number
ALCNRWDIAG                | Alcohol related diagnosis, narrow definition                  | string
ALCBRDFRAC                | Alcohol attributable fraction, broad definition               | number
ALCBRDDIAG                | Alcohol related diagnosis, broad definition                   | string
SITEDIST                  | Distance from residence to site, km                           | number
SITEDIST_FLAG             | What SITEDIST is derived from                                 | string
PROVDIST                  | Distance from residence to provider, km                       | number
PROVDIST_FLAG             | What PROVDIST is derived from                                 | string
HRG40                     | Healthcare resource group, version 4.0                        | string
HRGLATE35                 | Healthcare resource group, version 3.5                        | string
NER_GP_PRACTICE           | NHS England region of GP practice                             | string  |           | Y
NER_RESIDENCE             | NHS England region of residence                               | string  |           | Y
NER_TREATMENT             | NHS England region of treatment                               | string  |           | Y
`

// identifiers are the columns that the identifiable product has besides.
const identifiers = `
NEWNHSNO | NHS number    | string | identifying
DOB      | Date of birth | date   | identifying
HOMEADD  | Postcode      | string | identifying
`

// What the layout writes where a date was null or invalid.
const (
	nullDate    = "1800-01-01"
	invalidDate = "1801-01-01"
)

// describe reads a catalogue.
func describe(catalogue string) (fields []dars.Field) {
	for line := range strings.Lines(strings.TrimSpace(catalogue)) {
		cells := append(strings.Split(strings.TrimSpace(line), "|"), "", "")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		f := dars.Field{Name: cells[0], Title: cells[1], Type: cells[2], Identifying: cells[3] == "identifying", Sensitive: cells[3] == "sensitive"}
		for _, code := range strings.Fields(cells[4]) {
			f.Missing = append(f.Missing, strings.ReplaceAll(code, "_", " ")) // the layout pads with spaces
		}
		if f.Type == "date" {
			f.Missing = []string{nullDate, invalidDate, "1600-01-01", "1582-10-15"}
		}
		first, last := 0, 0
		series, isSeries := strings.CutSuffix(f.Name, lastOf(f.Name))
		if _, err := fmt.Sscanf(lastOf(f.Name), "%d-%d", &first, &last); err != nil || !isSeries {
			fields = append(fields, f)
			continue
		}
		title := f.Title
		for n := first; n <= last; n++ {
			f.Name, f.Title = fmt.Sprintf("%s%02d", series, n), fmt.Sprintf(title, n)
			fields = append(fields, f)
		}
	}
	return fields
}

// lastOf is what stands after the last underscore.
func lastOf(name string) string { return name[strings.LastIndexByte(name, '_')+1:] }
