# ALTER TABLE … ALGORITHM=COPY in MariaDB, asked for its progress in the list of processes. Healthy; has a counter.
plan() {
	cat <<-END
		title: a table rebuilt in MariaDB
		tasks:
		  - name: alter
		    log: $PWD/alter.log
		    process: {pidfile: $PWD/job.pid}
		    done: '^altered'
		    progress:
		      command: mariadb --no-defaults -u root -S $PWD/maria/s -N -e "select concat(stage, ' ', max_stage, ' ', progress, '%') from information_schema.processlist where info like 'alter %'"
		      pattern: '(?P<percent>[\d.]+)%'
		      every: 5s
	END
}
prepare() {
	maria_start
	maria -e "create database d; create table d.item (id int primary key auto_increment, a char(32), b varchar(200)) engine=InnoDB"
	maria d -e "insert into d.item(a, b) select md5(seq), repeat(md5(seq + 1), 3) from seq_1_to_6000000"
}
job() {
	start alter.log sh -c "mariadb --no-defaults -u root -S '$PWD/maria/s' d -e 'alter table item add index(a), add index(b), algorithm=copy' && echo altered"
	finish alter
}
cleanup() { maria_stop; }
