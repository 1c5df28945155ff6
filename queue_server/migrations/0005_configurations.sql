-- A hall on paper becomes one document with versions: who changed what, and a way back.
CREATE TABLE configurations (
    hall_id    text        NOT NULL CONSTRAINT configurations_of_a_hall REFERENCES halls (id),
    version    integer     NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL,
    note       text        NOT NULL,
    body       json        NOT NULL,
    CONSTRAINT configurations_pkey PRIMARY KEY (hall_id, version)
);

INSERT INTO configurations
SELECT h.id, 1, now(), 'migration', '', json_build_object(
    'id', h.id,
    'about', json_build_object(
        'name', json_build_object('zh', h.name_zh, 'en', h.name_en),
        'timezone', h.timezone,
        'zones', (SELECT coalesce(json_agg(json_build_object(
                      'id', z.id, 'name', json_build_object('zh', z.name_zh, 'en', z.name_en))
                      ORDER BY z.position), '[]') FROM zones z WHERE z.hall_id = h.id),
        'general_group_id', h.general_group_id),
    'hours', h.hours,
    'rules', h.rules,
    'groups', (SELECT coalesce(json_agg(json_build_object(
                   'id', g.id, 'name', json_build_object('zh', g.name_zh, 'en', g.name_en),
                   'prefix', g.prefix, 'green_prefix', g.green_prefix, 'kind', g.kind, 'zone_id', g.zone_id,
                   'capacity', g.capacity, 'mean_seconds', g.mean_seconds,
                   'undifferentiated', g.undifferentiated)
                   ORDER BY g.position), '[]') FROM groups g WHERE g.hall_id = h.id),
    'windows', (SELECT coalesce(json_agg(json_build_object(
                    'id', w.id, 'name', json_build_object('zh', w.name_zh, 'en', w.name_en),
                    'kind', w.kind, 'zone_id', w.zone_id, 'green', w.green, 'group_ids', w.group_ids)
                    ORDER BY w.position), '[]') FROM windows w WHERE w.hall_id = h.id))
FROM halls h;

DROP TABLE windows, groups, zones;
ALTER TABLE halls
    DROP COLUMN name_zh, DROP COLUMN name_en, DROP COLUMN timezone, DROP COLUMN hours, DROP COLUMN rules,
    DROP COLUMN general_group_id;
