package configs

// Tables is for the test of tables that are yet to come.
var Tables = tables
