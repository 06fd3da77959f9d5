package explore

// LimitSheets sets how many rows an XLSX file may have.
func (a *API) LimitSheets(rows int64) { a.sheetRows = rows }
