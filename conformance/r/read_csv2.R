# R: read.csv2 and read.csv of exports. Base R alone, nothing to install.
url <- Sys.getenv("PARVIS_URL")
truth <- Sys.getenv("PARVIS_TRUTH")
offer <- "moncompteformation_catalogueformation"
regions <- "moncompteformation_formations_engagees_region"

quoted <- function(x) paste0('"', gsub("[[:cntrl:]]", " ", gsub('"', '\\\\"', gsub("\\\\", "\\\\\\\\", x))), '"')
cat(sprintf('{"version": %s}\n', quoted(paste(R.version$major, R.version$minor, sep = "."))))
check <- function(name, test) {
  failed <- tryCatch({ test(); NULL }, error = function(e) conditionMessage(e))
  cat(if (is.null(failed)) sprintf('{"check": %s}\n', quoted(name)) else sprintf('{"check": %s, "failed": %s}\n', quoted(name), quoted(failed)))
}
same <- function(got, want, what) {
  if (!isTRUE(all.equal(got, want, check.attributes = FALSE))) stop(what, ": got ", paste(utils::head(got, 5), collapse = ", "), ", want ", paste(utils::head(want, 5), collapse = ", "))
}
export <- function(table, query) paste0(url, "/api/explore/v2.1/catalog/datasets/", table, "/exports/csv", query)
codes <- c(code_region = "character", code_departement = "character", siret = "character", code_rncp = "character")
release <- read.csv(file.path(truth, paste0(offer, ".csv")), colClasses = codes, encoding = "UTF-8")

check("read.csv2 of the default export, with its point as decimal sign", function() {
  got <- read.csv2(export(offer, ""), dec = ".", colClasses = codes, fileEncoding = "UTF-8-BOM", encoding = "UTF-8")
  same(names(got), names(release), "names")
  same(nrow(got), nrow(release), "rows")
  same(got$siret, release$siret, "siret")
  same(got$frais_ttc_tot_mean, release$frais_ttc_tot_mean, "frais_ttc_tot_mean")
  same(got$contenu_formation, release$contenu_formation, "contenu_formation")
})

check("read.csv of the export with commas and no mark", function() {
  got <- read.csv(export(offer, "?delimiter=,&with_bom=false"), colClasses = codes, encoding = "UTF-8")
  same(got$numero_formation, release$numero_formation, "numero_formation")
  same(got$nom_region, release$nom_region, "nom_region")
})

check("read.csv2 of the file for a French spreadsheet, as it is", function() {
  address <- paste0(url, "/datasets/", offer, "/releases/latest/", offer, ".excel.csv")
  got <- read.csv2(address, colClasses = codes, fileEncoding = "UTF-8-BOM", encoding = "UTF-8")
  same(got$frais_ttc_tot_mean, release$frais_ttc_tot_mean, "frais_ttc_tot_mean")
  same(got$code_region, release$code_region, "code_region")
})

check("read.csv2 of a summary: secret cells are NA, the rest numbers", function() {
  got <- read.csv2(export(regions, ""), dec = ".", fileEncoding = "UTF-8-BOM", encoding = "UTF-8")
  want <- read.csv(file.path(truth, paste0(regions, ".csv")), encoding = "UTF-8")
  same(got$nb_dossiers, want$nb_dossiers, "nb_dossiers")
  same(got$montant_engage, want$montant_engage, "montant_engage")
  if (!is.numeric(got$montant_engage)) stop("montant_engage is no number")
})
