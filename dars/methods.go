package dars

// How data end (domain 3, 16: the NHS guidance on destruction and disposal, 2015 to
// 2017, and its later form).

// Methods of destruction.
var Methods = []Code{
	{"CLEAR_SECURE_ERASE", "Clearing by ATA Secure Erase"},
	{"CLEAR_OVERWRITE_IS5_ENHANCED", "Clearing by HMG IS5 Enhanced overwrite"},
	{"PURGE", "Purging"},
	{"LIVE_SYSTEM_DELETE", "Removal from live systems; say when the last backup goes"},
	{"CRYPTO_ERASE", "Destruction of the only keys"},
	{"DEGAUSS", "Degaussing (magnetic media only)"},
	{"SHRED", "Shredding"},
	{"DISINTEGRATE", "Disintegration"},
	{"INCINERATE", "Incineration"},
	{"PULP", "Pulping (paper only)"},
}

// Media are what copies lie on.
var Media = []Code{
	{"HDD", "Hard disk"},
	{"SSD", "Solid-state drive"},
	{"PORTABLE", "Portable solid state: memory stick or card"},
	{"TAPE", "Magnetic tape"},
	{"OPTICAL_ONCE", "Optical disc, written once (CD-R, DVD-R, BD-R)"},
	{"OPTICAL_REWRITABLE", "Optical disc, rewritable, and UDO"},
	{"PAPER", "Paper"},
	{"VIRTUAL", "Virtual volume or snapshot"},
	{"CLOUD", "Storage in a cloud"},
	{"BACKUP_SET", "Backup set"},
	{"DEVICE", "Telephone, camera or photocopier"},
}

// Copies are what a copy is to its holder.
var Copies = []Code{
	{"live", "In use"},
	{"backup", "Backup"},
	{"dr", "For disaster recovery"},
	{"archive", "Archive"},
	{"laptop", "On a laptop or desktop"},
	{"removable", "On a removable medium"},
	{"paper", "On paper"},
	{"derived", "Derived data about single persons"},
}

// MethodsFor says by which methods data on each medium can be destroyed. Only
// magnetic media can be degaussed. What is written once, or is paper, cannot be
// overwritten; nor can all of a solid-state drive: one that knows no Secure Erase
// is destroyed. What has no body is not shredded.
var MethodsFor = map[string][]string{
	"HDD":                {"CLEAR_SECURE_ERASE", "CLEAR_OVERWRITE_IS5_ENHANCED", "PURGE", "LIVE_SYSTEM_DELETE", "CRYPTO_ERASE", "DEGAUSS", "SHRED", "DISINTEGRATE", "INCINERATE"},
	"SSD":                {"CLEAR_SECURE_ERASE", "PURGE", "LIVE_SYSTEM_DELETE", "CRYPTO_ERASE", "SHRED", "DISINTEGRATE", "INCINERATE"},
	"PORTABLE":           {"CRYPTO_ERASE", "SHRED", "DISINTEGRATE", "INCINERATE"},
	"TAPE":               {"CLEAR_OVERWRITE_IS5_ENHANCED", "PURGE", "CRYPTO_ERASE", "DEGAUSS", "SHRED", "DISINTEGRATE", "INCINERATE"},
	"OPTICAL_ONCE":       {"CRYPTO_ERASE", "SHRED", "DISINTEGRATE", "INCINERATE"},
	"OPTICAL_REWRITABLE": {"CLEAR_OVERWRITE_IS5_ENHANCED", "CRYPTO_ERASE", "SHRED", "DISINTEGRATE", "INCINERATE"},
	"PAPER":              {"SHRED", "DISINTEGRATE", "INCINERATE", "PULP"},
	"VIRTUAL":            {"CLEAR_OVERWRITE_IS5_ENHANCED", "PURGE", "LIVE_SYSTEM_DELETE", "CRYPTO_ERASE"},
	"CLOUD":              {"PURGE", "LIVE_SYSTEM_DELETE", "CRYPTO_ERASE"},
	"BACKUP_SET":         {"CLEAR_OVERWRITE_IS5_ENHANCED", "PURGE", "CRYPTO_ERASE", "DEGAUSS", "SHRED", "DISINTEGRATE", "INCINERATE"},
	"DEVICE":             {"CLEAR_SECURE_ERASE", "PURGE", "CRYPTO_ERASE", "SHRED", "DISINTEGRATE", "INCINERATE"},
}

// Mediumless are the methods that are done to a system, whatever its data lie on:
// the medium may be left out.
var Mediumless = []string{"LIVE_SYSTEM_DELETE", "CRYPTO_ERASE"}
