package main

import (
	"context"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/web"
)

// The site asks the office as its configuration was last read.
var _ web.Office = (*site)(nil)

func (s *site) public() office.Public { return office.Public{Office: s.house.Load().Office} }

// Agreement is one version of an agreement, for everybody.
func (s *site) Agreement(ctx context.Context, ref string, at time.Time) (dars.PublicAgreement, error) {
	return s.public().Agreement(ctx, ref, at)
}

// Agreements lends every agreement, for everybody.
func (s *site) Agreements(ctx context.Context, at time.Time, one func(dars.PublicAgreement) error) error {
	return s.public().Agreements(ctx, at, one)
}

// Application is an application, for everybody.
func (s *site) Application(ctx context.Context, ref string) (dars.PublicApplication, error) {
	return s.public().Application(ctx, ref)
}

// Dashboard is that of a day.
func (s *site) Dashboard(ctx context.Context, on, today dars.Day, rows []dars.PublicRelease) (dars.Dashboard, error) {
	return s.public().Dashboard(ctx, on, today, rows)
}
